//! Data source names wherever they stand: read once, by the driver that is certain, and written back in place.

use trueup::dialect::Refusal;
use trueup::model::{Declaration, Value};

use super::run::{Run, known, seconds};

const COMPOSE: &str = "\
services:
  web:
    image: shop/web
    environment:
      - DATABASE_URL=postgresql://app:pw@db:5432/shop?connection_limit=5&pool_timeout=20
      - RAILS_MAX_THREADS=16
    command: [\"serve\", \"--sink=jdbc:postgresql://db/sink?socketTimeout=60\"]
";

#[test]
fn an_address_in_a_containers_environment_is_read_once() {
    let run = Run::of(&[], &[("compose.yml", COMPOSE)]);
    // the words of the variable, its address, and the address in the command
    assert_eq!(run.count("client"), 3);
    assert_eq!(run.count("pool"), 1);
    let pool = run.resource("pool", "DATABASE_URL.pool", None);
    assert_eq!(pool.effective("max_size"), known(Value::Int(5)));
    assert_eq!(pool.effective("acquire_timeout"), known(seconds(20)));
    let found = pool.attribute("max_size").expect("it is set");
    assert_eq!(run.written(found), ["compose.yml: connection_limit=5"]);
    let (new, _) = run.set("pool", "DATABASE_URL.pool", None, "max_size", Value::Int(9));
    assert_eq!(new, COMPOSE.replace("connection_limit=5", "connection_limit=9"));
    let sink = run.resource("client", "services.web.command.dsn", None);
    assert_eq!(sink.effective("read_timeout"), known(seconds(60)));
    assert_eq!(sink.effective("driver"), known(Value::text("pgjdbc")));
}

#[test]
fn the_driver_decides_the_unit_and_none_is_guessed() {
    for (address, driver, attribute, value) in [
        ("jdbc:postgresql://db/shop?connectTimeout=3", "pgjdbc", "connect_timeout", seconds(3)),
        ("jdbc:mysql://db/shop?connectTimeout=3000", "mysql-connector-j", "connect_timeout", seconds(3)),
        ("postgres://db/shop?pool_max_conns=4&connect_timeout=3", "pgx", "connect_timeout", seconds(3)),
        ("host=db dbname=shop pool_max_conns=4 connect_timeout=3", "pgx", "connect_timeout", seconds(3)),
        ("postgresql+asyncpg://db/shop?command_timeout=3", "asyncpg", "statement_timeout", seconds(3)),
        ("postgresql+psycopg2://db/shop?connect_timeout=3", "psycopg", "connect_timeout", seconds(3)),
        ("postgresql://db/shop?connect_timeout=3", "unknown", "connect_timeout", seconds(3)),
        ("Host=db;Database=shop;Username=app;Timeout=3", "npgsql", "connect_timeout", seconds(3)),
    ] {
        let text = format!("ledger:\n  address: \"{address}\"\n");
        let run = Run::of(&[], &[("app.yaml", &text)]);
        let client = run.resource("client", "ledger.address.dsn", None);
        assert_eq!(client.effective("driver"), known(Value::text(driver)), "{address}");
        assert_eq!(client.effective(attribute), known(value), "{address}");
    }
    for address in ["Server=db;Database=shop;User Id=app;Timeout=3", "host=mq;virtualHost=/;username=a;timeout=3"] {
        let text = format!("ledger:\n  address: \"{address}\"\n");
        assert_eq!(Run::of(&[], &[("app.yaml", &text)]).count("client"), 0, "{address}");
    }
}

#[test]
fn variables_in_an_address_are_not_numbers() {
    for value in ["${TIMEOUT}", "{{ timeout }}", "%(timeout)s", "#{timeout}#", "$(TIMEOUT)", "<timeout>"] {
        let text =
            format!("ledger:\n  address: \"jdbc:postgresql://db/shop?connectTimeout={value}&socketTimeout=60\"\n");
        let run = Run::of(&[], &[("app.yaml", &text)]);
        assert_eq!(run.faults(), [], "{value}");
        let client = run.resource("client", "ledger.address.dsn", None);
        assert_eq!(client.value("connect_timeout"), None, "{value}");
        assert_eq!(client.effective("read_timeout"), known(seconds(60)), "{value}");
    }
}

const DATABASE: &str = "\
default: &default
  adapter: postgresql
  pool: <%= ENV.fetch(\"RAILS_MAX_THREADS\") { 7 } %>

development:
  <<: *default
  database: shop_development

production: &production
  <<: *default
  database: shop
  checkout_timeout: 5

staging:
  <<: *production
  database: shop_staging
  pool: 3
";

#[test]
fn rails_environments_are_profiles_and_bases_are_none() {
    let files = [
        ("config/database.yml", DATABASE),
        ("config/sidekiq.yml", ":concurrency: 4\nproduction:\n  :concurrency: 25\n"),
    ];
    let run = Run::of(&[], &files);
    let pool = |profile| run.resource("pool", "pool", Some(profile));
    assert_eq!(run.count("client"), 3);
    assert_eq!(pool("production").effective("max_size"), known(Value::Int(7)));
    assert_eq!(pool("production").effective("job_threads"), known(Value::Int(25)));
    assert_eq!(pool("staging").effective("max_size"), known(Value::Int(3)));
    assert_eq!(pool("staging").effective("job_threads"), known(Value::Int(4)));
    assert_eq!(pool("staging").effective("acquire_timeout"), known(seconds(5)));
    assert_eq!(pool("development").effective("throwaway"), known(Value::Bool(true)));
    assert_eq!(pool("production").declared("min_size"), Declaration::NotSet);
    // what a template puts there is never edited
    assert_eq!(run.refusal(pool("production"), "max_size", Value::Int(9)), Refusal::Interpolated);
}

#[test]
fn an_environment_file_settles_what_erb_asks_for() {
    let files = [(".env", "RAILS_MAX_THREADS=16\n"), ("config/database.yml", DATABASE)];
    let run = Run::of(&[], &files);
    let pool = run.resource("pool", "pool", Some("production"));
    assert_eq!(pool.effective("max_size"), known(Value::Int(16)));
    assert_eq!(pool.effective("threads"), known(Value::Int(16)));
}
