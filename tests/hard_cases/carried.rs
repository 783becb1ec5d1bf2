//! Settings of one product in the file of another: operators, Patroni, images that make settings of variables.

use trueup::model::{Effective, Value, Why};

use super::run::{Run, known, pairs, seconds};

/// A CloudNativePG cluster with these parameters.
fn cluster(parameters: &str) -> String {
    format!(
        "apiVersion: postgresql.cnpg.io/v1\nkind: Cluster\nmetadata:\n  name: shop\nspec:\n  instances: 3\n  imageName: \
         ghcr.io/cloudnative-pg/postgresql:16.4\n  storage:\n    size: 1Gi\n  resources:\n    limits:\n      memory: \
         8Gi\n  postgresql:\n    parameters:\n{parameters}"
    )
}

#[test]
fn an_operators_map_is_the_servers_configuration() {
    let text = cluster("      max_connections: \"200\"\n      statement_timeout: 30s\n");
    let run = Run::of(&[], &[("shop.yaml", &text)]);
    let server = run.resource("server", "shop", None);
    assert_eq!(run.faults(), []);
    assert_eq!(server.effective("major"), known(Value::Int(16)));
    assert_eq!(server.effective("max_connections"), known(Value::Int(200)));
    assert_eq!(server.effective("statement_timeout"), known(seconds(30)));
    // what the operator gives beats what the server would have
    assert_eq!(server.effective("postgres.max_worker_processes"), known(Value::Int(32)));
    assert_eq!(server.effective("postgres.wal_level"), known(Value::text("logical")));
    assert!(server.closed);
    let (new, _) = run.set("server", "shop", None, "postgres.max_connections", Value::Int(300));
    assert_eq!(new, text.replace("\"200\"", "\"300\""));
    let (new, _) = run.set("server", "shop", None, "postgres.max_wal_senders", Value::Int(20));
    assert_eq!(new, format!("{text}      max_wal_senders: \"20\"\n"));
}

#[test]
fn an_operator_refuses_what_is_no_text_and_what_it_sets_itself() {
    let text =
        cluster("      max_connections: 200\n      jit: off\n      archive_mode: \"on\"\n      work_mem: 64MB\n");
    let run = Run::of(&[], &[("shop.yaml", &text)]);
    let refused = [("max_connections", "rejected"), ("jit", "rejected"), ("archive_mode", "rejected")];
    assert_eq!(run.faults(), pairs(&refused));
}

#[test]
fn a_part_of_a_manifest_says_nothing_of_the_rest() {
    let patch = "apiVersion: postgresql.cnpg.io/v1\nkind: Cluster\nmetadata:\n  name: shop\nspec:\n  instances: 5\n";
    assert_eq!(Run::of(&[], &[("patch.yaml", patch)]).count("server"), 0);
}

#[test]
fn a_members_own_settings_beat_the_clusters_but_for_those_that_all_must_share() {
    let text = "scope: shop\nrestapi: {}\nbootstrap:\n  dcs:\n    postgresql:\n      parameters:\n        max_connections: 20\n        \
                work_mem: 8MB\npostgresql:\n  parameters:\n    work_mem: 32MB\n    max_worker_processes: 16\n";
    let run = Run::of(&[], &[("patroni.yml", text)]);
    let server = run.resource("server", "shop", None);
    assert_eq!(server.effective("postgres.work_mem"), known(Value::Size(32 << 20)));
    assert_eq!(server.effective("max_connections"), known(Value::Int(100)));
    assert!(server.attribute("postgres.max_worker_processes").is_none());
    assert_eq!(run.faults(), pairs(&[("max_connections", "reset"), ("max_worker_processes", "ignored")]));
}

#[test]
fn an_image_makes_settings_of_variables_unless_its_file_is_mounted() {
    let compose = |mount: &str| {
        format!(
            "services:\n  pooler:\n    image: edoburu/pgbouncer:v1.23.1-p2\n    environment:\n      - POOL_MODE=transaction\n      \
             - SERVER_LIFETIME=120\n{mount}"
        )
    };
    let run = Run::of(&[], &[("compose.yaml", &compose(""))]);
    let pooler = run.resource("pooler", "pooler", None);
    assert_eq!(pooler.effective("mode"), known(Value::text("transaction")));
    assert_eq!(pooler.effective("max_lifetime"), known(seconds(120)));
    assert_eq!(pooler.effective("max_prepared_statements"), known(Value::Int(0)));
    let (new, _) = run.set("pooler", "pooler", None, "max_lifetime", seconds(600));
    assert_eq!(new, compose("").replace("=120", "=600"));
    let mounted = compose("    volumes:\n      - ./own.ini:/etc/pgbouncer/pgbouncer.ini\n");
    let run = Run::of(&[], &[("compose.yaml", &mounted)]);
    let inert = [("POOL_MODE", "inert-environment"), ("SERVER_LIFETIME", "inert-environment")];
    assert_eq!(run.faults(), pairs(&inert));
    assert!(!run.resource("pooler", "pooler", None).closed);
}

#[test]
fn a_file_is_known_by_its_sections_and_open_where_it_includes_another() {
    let ini =
        |more: &str| format!("[databases]\nshop = host=db pool_size=5\n\n[pgbouncer]\npool_mode = session\n{more}");
    let run = Run::of(&[], &[("etc/main.conf", &ini(""))]);
    let pooler = run.resource("pooler", "pgbouncer", None);
    assert_eq!(pooler.effective("max_lifetime"), known(seconds(3600)));
    assert_eq!(pooler.effective("max_prepared_statements"), Effective::Unknown(Why::Version));
    assert_eq!(run.resource("pool", "shop.database", None).effective("max_size"), known(Value::Int(5)));
    let run = Run::of(&[], &[("etc/main.conf", &ini("%include local.ini\n"))]);
    assert!(run.resource("pooler", "pgbouncer", None).attribute("max_lifetime").is_none());
}
