//! The data source names that the documentation of libpq, pgjdbc and Npgsql shows, taken apart: hosts, ports, database,
//! parameters, and where the secrets stand.

use trueup::syntax::{Document, NodeId, NodeKind, dsn};

/// All entries as `key=value`, those of `options` behind a dot.
fn entries(document: &Document) -> Vec<String> {
    let list = |map: NodeId, dot: &str| -> Vec<String> {
        let scalars = document.children(map).filter(|&id| document.node(id).kind == NodeKind::Scalar);
        scalars.map(|id| format!("{dot}{}={}", document.key(id).unwrap_or("?"), document.scalar(id))).collect()
    };
    let root = document.roots[0];
    let mut all = list(root, "");
    all.extend(document.entry(root, "options").map(|map| list(map, ".")).into_iter().flatten());
    all
}

fn check(text: &str, expected: &[&str]) {
    let document = dsn::parse(text).unwrap_or_else(|| panic!("{text} is a data source name"));
    assert_eq!(entries(&document), expected, "{text}");
}

/// The texts that must not be printed.
fn secrets(text: &str) -> Vec<String> {
    let document = dsn::parse(text).unwrap_or_else(|| panic!("{text} is a data source name"));
    document.secrets.iter().map(|span| span.slice(text).to_string()).collect()
}

// https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS
#[test]
fn addresses_of_libpq() {
    for (text, expected) in [
        ("postgresql://", &["scheme=postgresql"][..]),
        ("postgresql://localhost", &["scheme=postgresql", "host=localhost"]),
        ("postgresql://localhost:5433", &["scheme=postgresql", "host=localhost", "port=5433"]),
        ("postgresql://localhost/mydb", &["scheme=postgresql", "host=localhost", "database=mydb"]),
        ("postgresql://user@localhost", &["scheme=postgresql", "user=user", "host=localhost"]),
        (
            "postgresql://user:secret@localhost",
            &["scheme=postgresql", "user=user", "password=secret", "host=localhost"],
        ),
        (
            "postgresql://other@localhost/otherdb?connect_timeout=10&application_name=myapp",
            &[
                "scheme=postgresql",
                "user=other",
                "host=localhost",
                "database=otherdb",
                ".connect_timeout=10",
                ".application_name=myapp",
            ],
        ),
        (
            "postgresql://host1:123,host2:456/somedb?target_session_attrs=any&application_name=myapp",
            &[
                "scheme=postgresql",
                "hosts=host1:123,host2:456",
                "host=host1",
                "port=123",
                "host=host2",
                "port=456",
                "database=somedb",
                ".target_session_attrs=any",
                ".application_name=myapp",
            ],
        ),
        (
            "postgresql://user@localhost:5433/mydb?options=-c%20synchronous_commit%3Doff",
            &[
                "scheme=postgresql",
                "user=user",
                "host=localhost",
                "port=5433",
                "database=mydb",
                ".options=-c synchronous_commit=off",
            ],
        ),
        (
            "postgresql:///mydb?host=localhost&port=5433",
            &["scheme=postgresql", "database=mydb", ".host=localhost", ".port=5433"],
        ),
        ("postgresql://[2001:db8::1234]/database", &["scheme=postgresql", "host=2001:db8::1234", "database=database"]),
        (
            "postgresql:///dbname?host=/var/lib/postgresql",
            &["scheme=postgresql", "database=dbname", ".host=/var/lib/postgresql"],
        ),
        (
            "postgresql://%2Fvar%2Flib%2Fpostgresql/dbname",
            &["scheme=postgresql", "host=/var/lib/postgresql", "database=dbname"],
        ),
    ] {
        check(text, expected);
    }
    assert_eq!(secrets("postgresql://user:secret@localhost"), ["secret"]);
    assert!(secrets("postgresql://user@localhost").is_empty());
}

// https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-KEYWORD-VALUE
#[test]
fn pairs_of_libpq() {
    check(
        "host=localhost port=5432 dbname=mydb connect_timeout=10",
        &["host=localhost", "port=5432", "dbname=mydb", "connect_timeout=10"],
    );
    check("host = localhost port = 5432", &["host=localhost", "port=5432"]);
    check("host=localhost password='it\\'s' dbname=''", &["host=localhost", "password=it's", "dbname="]);
    check("host=localhost password=a\\\\b\\'c", &["host=localhost", "password=a\\b'c"]);
    assert_eq!(secrets("host=localhost password='a b' dbname=mydb"), ["'a b'"]);
}

// https://jdbc.postgresql.org/documentation/use/#connecting-to-the-database
#[test]
fn addresses_of_pgjdbc() {
    for (text, expected) in [
        ("jdbc:postgresql:database", &["jdbc=jdbc", "scheme=postgresql", "database=database"][..]),
        ("jdbc:postgresql:/", &["jdbc=jdbc", "scheme=postgresql"]),
        ("jdbc:postgresql://host/database", &["jdbc=jdbc", "scheme=postgresql", "host=host", "database=database"]),
        ("jdbc:postgresql://host/", &["jdbc=jdbc", "scheme=postgresql", "host=host"]),
        (
            "jdbc:postgresql://host:5433/database",
            &["jdbc=jdbc", "scheme=postgresql", "host=host", "port=5433", "database=database"],
        ),
        ("jdbc:postgresql://host:5433/", &["jdbc=jdbc", "scheme=postgresql", "host=host", "port=5433"]),
        (
            "jdbc:postgresql://[::1]:5740/accounting",
            &["jdbc=jdbc", "scheme=postgresql", "host=::1", "port=5740", "database=accounting"],
        ),
        (
            "jdbc:postgresql://localhost/test?user=fred&password=secret&ssl=true",
            &[
                "jdbc=jdbc",
                "scheme=postgresql",
                "host=localhost",
                "database=test",
                ".user=fred",
                ".password=secret",
                ".ssl=true",
            ],
        ),
        (
            "jdbc:postgresql:postgres?options=-c%20search_path=test,public,pg_catalog%20-c%20statement_timeout=90000",
            &[
                "jdbc=jdbc",
                "scheme=postgresql",
                "database=postgres",
                ".options=-c search_path=test,public,pg_catalog -c statement_timeout=90000",
            ],
        ),
        (
            "jdbc:postgresql://node1,node2/accounting?targetServerType=primary",
            &[
                "jdbc=jdbc",
                "scheme=postgresql",
                "hosts=node1,node2",
                "host=node1",
                "host=node2",
                "database=accounting",
                ".targetServerType=primary",
            ],
        ),
    ] {
        check(text, expected);
    }
    assert_eq!(secrets("jdbc:postgresql://localhost/test?user=fred&password=secret&ssl=true"), ["secret"]);
}

// https://www.npgsql.org/doc/connection-string-parameters.html, https://www.connectionstrings.com/npgsql/
#[test]
fn strings_of_npgsql() {
    check(
        "Host=myserver;Username=mylogin;Password=mypass;Database=mydatabase",
        &["Host=myserver", "Username=mylogin", "Password=mypass", "Database=mydatabase"],
    );
    check(
        "Server=127.0.0.1;Port=5432;Database=myDataBase;User Id=myUsername;Password=myPassword;",
        &["Server=127.0.0.1", "Port=5432", "Database=myDataBase", "User Id=myUsername", "Password=myPassword"],
    );
    check(
        "Host=server1,server2;Username=test;Password=test;Load Balance Hosts=true;Target Session Attributes=prefer-standby",
        &[
            "Host=server1,server2",
            "Username=test",
            "Password=test",
            "Load Balance Hosts=true",
            "Target Session Attributes=prefer-standby",
        ],
    );
    for (text, secret) in [
        ("Host=a;Username=b;Password=\"c;d\"", "\"c;d\""),
        ("Host=a;Username=b;PWD='c d'", "'c d'"),
        ("Host=a;Username=b;PSW=c d", "c d"),
        ("host=a;user id=b;password=c==", "c=="),
    ] {
        assert_eq!(secrets(text), [secret], "{text}");
    }
}
