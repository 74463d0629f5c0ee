"""Arrays in, arrays out: integrates a kernel for many people. Knows no biology."""
