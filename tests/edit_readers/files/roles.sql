-- what readers of SQL take differently; 'quotes' too
/* outer /* inner; ' */ still outer */
CREATE ROLE app LOGIN PASSWORD 'a''b;c';
ALTER ROLE app SET statement_timeout = '30s'; -- behind it
ALTER ROLE app SET lock_timeout TO 5000;
ALTER ROLE "App User" IN DATABASE "shop;1" SET work_mem = '64MB';
alter user app set JIT to OFF;
ALTER DATABASE shop SET random_page_cost = 1.1; ALTER DATABASE shop SET "app.tenant" = 'x';
ALTER SYSTEM SET /* which */ shared_buffers /* how */ = /* much */ '2GB' /* here */;
ALTER SYSTEM SET log_statement = ddl;
ALTER SYSTEM SET effective_io_concurrency = +200;
ALTER SYSTEM SET deadlock_timeout = E'1\163';
ALTER SYSTEM SET wal_level = $$logical$$;
ALTER SYSTEM SET search_path = a, "B";
ALTER SYSTEM RESET work_mem;
ALTER ROLE ALL SET jit = on;
ALTER ROLE CURRENT_USER SET jit = on;
DO $body$ BEGIN EXECUTE 'ALTER SYSTEM SET jit = on'; /* ' */ END $body$;
CREATE TABLE IF NOT EXISTS "Order" (
  id bigint PRIMARY KEY CHECK (id > 0), -- within
  note text DEFAULT 'it''s; new',
  cost numeric(10, 2)
) WITH (fillfactor = 90, autovacuum_enabled = false, autovacuum_vacuum_scale_factor = 0.02);
ALTER TABLE ONLY public.events SET (autovacuum_vacuum_threshold = 500, autovacuum_enabled);
ALTER TABLE IF EXISTS t SET (fillfactor = 70);
CREATE FUNCTION f() RETURNS int LANGUAGE sql SET work_mem = '1GB' AS $$ SELECT 1; $$;
SELECT 'x' AS "alter system set y = 1", U&'\0041', e'it\'s';
