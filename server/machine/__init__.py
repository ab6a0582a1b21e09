"""What the program checks on this machine: files that others could write, live processes, loopback, the shell."""
