"""A whole Airflow on this machine, on loopback: what `make up` shows a person and what the live tests drive."""
