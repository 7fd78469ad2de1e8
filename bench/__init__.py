"""How fast is it, on this machine? `./dev bench` runs it; bench/README.md explains the figures."""
