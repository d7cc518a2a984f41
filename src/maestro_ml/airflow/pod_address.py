"""The name of a pod where addresses are IPv6: Airflow's own function for `[core] hostname_callable` knows IPv4 only."""

import socket


def ipv6_address() -> str:
    """Return this host's IPv6 address as it stands in a URL, in brackets."""
    found = socket.getaddrinfo(socket.gethostname(), None, family=socket.AF_INET6, type=socket.SOCK_STREAM)
    address = str(found[0][4][0])
    return f"[{address.partition('%')[0]}]"
