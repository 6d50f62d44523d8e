"""Whoever looks at what is mapped twenty times a second reads a line for each mapping."""
import ctypes
import os
import time

libc = ctypes.CDLL(None)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
READ, SHARED = 1, 1
file = os.open("f" * 200, os.O_RDWR | os.O_CREAT)
for number in range(50_000):  # neighbours that differ in their place in the file stay apart
    libc.mmap(None, 4096, READ, SHARED, file, 4096 * (number % 2))
time.sleep(60)
