"""The run store as read-only pages for people, the same in `maestro ui` and behind Airflow's login."""
