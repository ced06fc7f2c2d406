"""What is true of instruments, answers and withdrawals whatever the technology. No HTTP, no SQL, no clock."""
