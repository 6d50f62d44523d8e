"""The commands of `python -m autograder`, each in a module that declares its options."""
