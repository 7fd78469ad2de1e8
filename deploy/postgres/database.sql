-- What PostgreSQL lets everybody do and the product's roles shall not, by a superuser, in the
-- product's database; again at will. See “SQL that slips in” in SECURITY.md.

-- What other sessions of the same login are doing, with the texts in their statements. Monitoring
-- has pg_monitor.
REVOKE EXECUTE ON FUNCTION pg_stat_get_activity(int), pg_stat_get_backend_activity(int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION pg_stat_get_activity(int), pg_stat_get_backend_activity(int) TO pg_monitor;
-- Large objects belong to roles, not to tenants.
REVOKE EXECUTE ON FUNCTION lo_creat(int), lo_create(oid), lo_from_bytea(oid, bytea),
    lo_open(oid, int), lo_get(oid), lo_get(oid, bigint, int), lo_put(oid, bigint, bytea) FROM PUBLIC;
