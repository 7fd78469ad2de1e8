-- The roles of an installation, by a superuser, in any database of the server; again at will.
-- Passwords are set apart from it: ALTER ROLE chatorical PASSWORD '…'. What each role may do in the
-- database is granted by `migrate`. See docs/adr/0013-database-roles.md.

DO $$
BEGIN
    -- Groups: what a connection works as.
    IF to_regrole('chatorical_app') IS NULL THEN
        CREATE ROLE chatorical_app NOLOGIN;
    END IF;
    IF to_regrole('chatorical_platform') IS NULL THEN
        CREATE ROLE chatorical_platform NOLOGIN;
    END IF;
    -- Logins: MIGRATE_DATABASE_URL, DATABASE_URL, PLATFORM_DATABASE_URL.
    IF to_regrole('chatorical_owner') IS NULL THEN
        CREATE ROLE chatorical_owner LOGIN;
    END IF;
    IF to_regrole('chatorical') IS NULL THEN
        CREATE ROLE chatorical LOGIN;
    END IF;
    IF to_regrole('chatorical_operator') IS NULL THEN
        CREATE ROLE chatorical_operator LOGIN;
    END IF;
END
$$;

ALTER ROLE chatorical_owner NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOREPLICATION;
ALTER ROLE chatorical NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB NOREPLICATION;
ALTER ROLE chatorical_operator NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB NOREPLICATION NOINHERIT;
GRANT chatorical_app TO chatorical;
-- It may become either, and is the one that may less until a transaction says otherwise.
GRANT chatorical_app, chatorical_platform TO chatorical_operator;
ALTER ROLE chatorical_operator SET role = 'chatorical_app';
