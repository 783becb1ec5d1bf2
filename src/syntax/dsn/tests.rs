use super::{NodeId, NodeKind, parse, recognise};

/// All entries as `key=value`, options indented by a dot.
fn entries(text: &str) -> Vec<String> {
    let document = parse(text).unwrap_or_else(|| panic!("{text} is a DSN"));
    let list = |map: NodeId, dot: &str| -> Vec<String> {
        let scalars = document.children(map).filter(|&id| document.node(id).kind == NodeKind::Scalar);
        scalars.map(|id| format!("{dot}{}={}", document.key(id).unwrap_or("?"), document.scalar(id))).collect()
    };
    let root = document.roots[0];
    let mut all = list(root, "");
    all.extend(document.entry(root, "options").map(|map| list(map, ".")).into_iter().flatten());
    all
}

#[test]
fn uris_of_many_kinds() {
    assert_eq!(
        entries("postgresql+asyncpg://app:p%40ss@h1:5432,h2,[::1]:5433/shop?a=1&b=x%20y&c"),
        [
            "scheme=postgresql+asyncpg",
            "user=app",
            "password=p@ss",
            "hosts=h1:5432,h2,[::1]:5433",
            "host=h1",
            "port=5432",
            "host=h2",
            "host=::1",
            "port=5433",
            "database=shop",
            ".a=1",
            ".b=x y",
            ".c="
        ]
    );
    assert_eq!(entries("postgres:///shop"), ["scheme=postgres", "database=shop"]);
    assert_eq!(
        entries("redis://:pw@cache:6379/0"),
        ["scheme=redis", "user=", "password=pw", "host=cache", "port=6379", "database=0"]
    );
    assert_eq!(entries("mongodb+srv://u@c.example/?w=1"), ["scheme=mongodb+srv", "user=u", "host=c.example", ".w=1"]);
    assert_eq!(
        entries("jdbc:postgresql://h:1/d?socketTimeout=30"),
        ["jdbc=jdbc", "scheme=postgresql", "host=h", "port=1", "database=d", ".socketTimeout=30"]
    );
    assert_eq!(
        entries("jdbc:sqlserver://h:1;databaseName=d;loginTimeout=5"),
        ["jdbc=jdbc", "scheme=sqlserver", "host=h", "port=1", ".databaseName=d", ".loginTimeout=5"]
    );
    assert_eq!(
        entries("amqp://u:a/b#c@h:5672/v"),
        ["scheme=amqp", "user=u", "password=a/b#c", "host=h", "port=5672", "database=v"]
    );
}

#[test]
fn variables_hide_separators() {
    assert_eq!(
        entries("postgres://$USER:${PW:-a/b@c}@${HOST:-x:y}:${PORT}/{{ .Values.a/b }}?t=${T:-1&2}"),
        [
            "scheme=postgres",
            "user=$USER",
            "password=${PW:-a/b@c}",
            "host=${HOST:-x:y}",
            "port=${PORT}",
            "database={{ .Values.a/b }}",
            ".t=${T:-1&2}"
        ]
    );
}

#[test]
fn pairs_of_both_kinds() {
    assert_eq!(
        entries("host=a port = 5432 dbname='x y\\'z' pool_size=5"),
        ["host=a", "port=5432", "dbname=x y'z", "pool_size=5"]
    );
    assert_eq!(
        entries("Host=a;Port=1;Password=\"x;\"\"y\";Maximum Pool Size=20;"),
        ["Host=a", "Port=1", "Password=x;\"y", "Maximum Pool Size=20"]
    );
}

#[test]
fn other_texts_are_none() {
    for text in
        ["", "http://a:b@c/d", "a=b", "port=1", "Host=a;b", "the host = a", "host", "x://", "password=1;b=2", "jdbc:"]
    {
        assert_eq!(recognise(text), None, "{text}");
    }
}

#[test]
fn passwords_are_secret() {
    for text in [
        "postgres://u:canary@h/d",
        "redis://h?password=canary",
        "host=a password=canary",
        "Server=a;Uid=b;Pwd='canary'",
    ] {
        let document = parse(text).expect("a DSN");
        assert_eq!(document.secrets.len(), 1, "{text}");
        assert!(document.secrets[0].slice(text).contains("canary"));
    }
}
