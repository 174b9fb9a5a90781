"""How fast intake and search are, beside what the machine could do at best."""
