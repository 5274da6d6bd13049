"""The desk: pages inside the Airflow UI on which a person sees every cut of a published date, and why it was made.

`app.create` makes the ASGI app that the plugin mounts, `report.report` the overview as one file. They read committed dates only;
raw articles are hostile, so all that is shown is escaped text under a strict Content-Security-Policy.
"""
