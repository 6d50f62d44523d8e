"""Once the main thread is gone, nothing tells under the process's number what it has mapped."""
import ctypes
import os
import threading
import time

libc = ctypes.CDLL(None)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
READ, SHARED, EXIT = 1, 1, 60


def fill():
    time.sleep(0.1)
    for number in range(12):
        file = os.open("one", os.O_RDWR | os.O_CREAT)
        os.unlink("one")
        for _ in range(60):
            os.write(file, b"x" * (1 << 20))
        libc.mmap(None, 4096, READ, SHARED, file, 0)
        os.close(file)
    time.sleep(60)


threading.Thread(target=fill).start()
libc.syscall(EXIT, 0)
