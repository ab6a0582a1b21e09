"""What the program asks of this machine: files that others could write, processes that live, loopback, the shell."""
