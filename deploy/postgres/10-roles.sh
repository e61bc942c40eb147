#!/bin/sh
# Runs once, when the database is created: one role owns the tables, another one works with them.
set -eu
psql --set ON_ERROR_STOP=1 --username postgres --dbname postgres \
     --set owner_password="$BIHUAN_OWNER_PASSWORD" --set app_password="$BIHUAN_APP_PASSWORD" <<'SQL'
CREATE ROLE bihuan_owner LOGIN PASSWORD :'owner_password';
CREATE ROLE bihuan_app LOGIN PASSWORD :'app_password';
CREATE DATABASE bihuan OWNER bihuan_owner ENCODING 'UTF8' TEMPLATE template0;
REVOKE ALL ON DATABASE bihuan FROM PUBLIC;
GRANT CONNECT ON DATABASE bihuan TO bihuan_app;
SQL
