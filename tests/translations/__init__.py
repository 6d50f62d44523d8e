"""Whether translations are complete, and what they lack: `python -m tests.translations`."""
