# Copydesk on the official Airflow image, which brings Celery, PostgreSQL and object stores and runs as `airflow`, not root.
FROM apache/airflow:3.3.2-python3.12

COPY --chown=airflow:0 pyproject.toml requirements.lock README.md LICENSE /opt/airflow/
COPY --chown=airflow:0 plugins /opt/airflow/plugins
COPY --chown=airflow:0 dags /opt/airflow/dags

# The lock binds what Copydesk imports, because a corpus is the same bytes only under the same libraries; the image's
# own Airflow and providers stay as they were tested together. Editable: one copy of the code, the one in plugins/.
# celery 5.7.0 breaks the celery provider 3.26.0 at import.
RUN pip install --no-cache-dir --constraint /opt/airflow/requirements.lock "celery<5.7" --editable "/opt/airflow[s3]" \
    && copydesk --version \
    && python -c "import airflow.providers.celery.executors.celery_executor, copydesk.jobs, s3fs"
