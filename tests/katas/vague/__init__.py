"""For each belief that no single program stands for, an example of its name, kata by kata."""
