"""What the tests on a real cluster share: kubectl, Helm, port forwarding, Airflow's API, and the figures they write."""
