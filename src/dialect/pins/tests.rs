//! Every format with what it says, and input that nobody would write.

use std::sync::LazyLock;

use super::{BuildProperties, Kind, Pinned, exact, pinned};
use crate::dialect::Context;
use crate::knowledge::Knowledge;
use crate::model::Location;

/// The shipped knowledge, as the build packed it.
static KNOWLEDGE: LazyLock<Knowledge> = LazyLock::new(|| {
    Knowledge::unpack(include_bytes!(concat!(env!("OUT_DIR"), "/knowledge.bin"))).expect("the build packed it")
});

/// `directory product version` of every pin, sorted; the span of a version is what it was written as.
fn read(files: &[(&str, &str)]) -> Vec<Vec<String>> {
    let mut properties = BuildProperties::default();
    files.iter().for_each(|(path, text)| properties.read(path, text));
    let of_file = |&(path, text): &(&str, &str)| {
        let show = |pinned: Pinned| {
            assert!(pinned.span.end as usize <= text.len(), "{path}");
            let version = pinned.version.as_deref().unwrap_or("?");
            let line = text[..pinned.span.start as usize].matches('\n').count() + 1;
            format!("{}/{} {version} :{line}", pinned.directory, pinned.product)
        };
        let mut shown: Vec<String> = pinned(&KNOWLEDGE, &properties, path, text).into_iter().map(show).collect();
        shown.sort();
        shown
    };
    files.iter().map(of_file).collect()
}

const POM: &str = "\
<?xml version=\"1.0\"?>
<!DOCTYPE project [<!ENTITY v \"9.9.9\">]>
<project xmlns=\"http://maven.apache.org/POM/4.0.0\">
  <parent>
    <groupId>org.springframework.boot</groupId>
    <artifactId>spring-boot-starter-parent</artifactId>
    <version>3.5.4</version>
    <relativePath/>
  </parent>
  <properties>
    <cloud>2025.0</cloud>
    <spring-cloud.version>${cloud}.1</spring-cloud.version>
    <hikaricp.version>5.0.1</hikaricp.version>
  </properties>
  <dependencyManagement><dependencies>
    <dependency>
      <groupId>org.springframework.cloud</groupId>
      <artifactId>spring-cloud-dependencies</artifactId>
      <version>${spring-cloud.version}</version>
      <type>pom</type><scope>import</scope>
    </dependency>
  </dependencies></dependencyManagement>
  <dependencies>
    <dependency>
      <groupId>org.postgresql</groupId><artifactId>postgresql</artifactId>
      <exclusions><exclusion><groupId>a</groupId><artifactId>b</artifactId><version>1</version></exclusion></exclusions>
    </dependency>
    <dependency><groupId>io.github.resilience4j</groupId><artifactId>resilience4j-core</artifactId><version>[2.0,)</version></dependency>
  </dependencies>
  <profiles><profile><dependencies>
    <dependency><groupId>com.zaxxer</groupId><artifactId>HikariCP</artifactId><version>1.0.0</version></dependency>
  </dependencies></profile></profiles>
</project>
";

const GRADLE: &str = "\
buildscript {
    ext {
        springBootVersion = '2.7.18' // the old one
        set('cloudVersion', \"2021.0.8\")
    }
    /* classpath 'com.zaxxer:HikariCP:0.0.1' */
}
plugins {
    id 'java'
    id \"org.springframework.boot\" version \"${springBootVersion}\" apply false
}
ext['hikaricp.version'] = '4.0.3'
dependencies {
    implementation \"org.springframework.cloud:spring-cloud-dependencies:$cloudVersion\"
    implementation group: 'org.postgresql', name: 'postgresql', version: '42.7.3'
    implementation 'io.github.resilience4j:resilience4j-core:2.+'
    implementation 'org.springframework.boot:spring-boot-starter-web'
}
";

#[test]
fn every_format_names_its_versions() {
    for (path, text, want) in [
        (
            "app/pom.xml",
            POM,
            vec![
                "app/hikaricp 5.0.1 :13",
                "app/resilience4j ? :28",
                "app/spring-boot 3.5.4 :7",
                "app/spring-cloud 2025.0.1 :19",
            ],
        ),
        (
            "pom.xml",
            "<project><parent><groupId>org.springframework.boot</groupId><artifactId>spring-boot-starter-parent</artifactId><version>${unknown}</version></parent></project>",
            vec!["/spring-boot ? :1"],
        ),
        (
            "pom.xml",
            "<project><dependencies><dependency><groupId>com.zaxxer</groupId><artifactId>HikariCP</artifactId><version>LATEST</version></dependency></dependencies></project>",
            vec!["/hikaricp ? :1"],
        ),
        (
            "build.gradle",
            GRADLE,
            vec![
                "/hikaricp 4.0.3 :12",
                "/pgjdbc 42.7.3 :15",
                "/resilience4j ? :16",
                "/spring-boot 2.7.18 :10",
                "/spring-cloud 2021.0.8 :14",
            ],
        ),
        (
            "build.gradle.kts",
            "val boot = \"3.4.1\"\nplugins {\n  id(\"org.springframework.boot\") version boot\n}\n",
            vec!["/spring-boot 3.4.1 :3"],
        ),
        (
            "build.gradle.kts",
            "plugins { id(\"org.springframework.boot\") version \"3.5.0-M1\" }\n",
            vec!["/spring-boot ? :1"],
        ),
        (
            "gradle/libs.versions.toml",
            "[versions]\nboot = \"3.5.0\"\nr4j = { strictly = \"[2,3[\" }\n[libraries]\nhikari = \"com.zaxxer:HikariCP:6.3.0\"\nr4j = { module = \"io.github.resilience4j:resilience4j-core\", version.ref = \"r4j\" }\npg = { group = \"org.postgresql\", name = \"postgresql\", version = \"42.7.4\" }\nweb = { module = \"org.springframework.boot:spring-boot-starter-web\" }\n[plugins]\nboot = { id = \"org.springframework.boot\", version.ref = \"boot\" }\n",
            vec!["/hikaricp 6.3.0 :5", "/pgjdbc 42.7.4 :7", "/resilience4j ? :3", "/spring-boot 3.5.0 :2"],
        ),
        (
            "Gemfile.lock",
            "GEM\n  remote: https://rubygems.org/\n  specs:\n    activerecord (7.1.3.4)\n      activemodel (= 7.1.3.4)\n    puma (6.4.2)\n      nio4r (~> 2.0)\n    rails (8.0.0.rc1)\n    sidekiq (7.2.4-x86_64-linux)\n\nDEPENDENCIES\n  rails (~> 8.0)\n",
            vec!["/activerecord 7.1.3.4 :4", "/puma 6.4.2 :6", "/rails ? :8", "/sidekiq 7.2.4 :9"],
        ),
        (
            "web/package-lock.json",
            "{\"lockfileVersion\": 3, \"packages\": {\n\"\": {\"name\": \"x\", \"version\": \"1.0.0\", \"dependencies\": {\"pg\": \"^8.0.0\"}},\n\"node_modules/pg\": {\"version\": \"8.11.3\", \"dependencies\": {\"x\": \"1\"}},\n\"node_modules/a/node_modules/pg\": {\"version\": \"7.0.0\"},\n\"api/node_modules/@prisma/client\": {\"version\": \"5.1.0\"}}}",
            vec!["web/api/prisma 5.1.0 :5", "web/pg 8.11.3 :3"],
        ),
        (
            "package-lock.json",
            "{\"dependencies\": {\"pg\": {\"version\": \"8.1.0\", \"dependencies\": {\"pg\": {\"version\": \"1.0.0\"}}}}}",
            vec!["/pg 8.1.0 :1"],
        ),
        (
            "yarn.lock",
            "# yarn lockfile v1\n\n\"@prisma/client@^5.0.0\":\n  version \"5.1.1\"\n  dependencies:\n    version \"1\"\n\npg@^8.0, pg@^8.11.0:\n  version \"8.11.3\"\n",
            vec!["/pg 8.11.3 :9", "/prisma 5.1.1 :4"],
        ),
        (
            "yarn.lock",
            "__metadata:\n  version: 8\n\n\"pg@npm:^8.0\":\n  version: 8.12.0\n  resolution: \"pg@npm:8.12.0\"\n",
            vec!["/pg 8.12.0 :5"],
        ),
        (
            "pnpm-lock.yaml",
            "lockfileVersion: '9.0'\nimporters:\n  .:\n    dependencies:\n      pg:\n        version: 8.11.3\npackages:\n\n  '@prisma/client@5.0.0':\n    resolution: {}\n  pg@8.11.3(pg-native@3.0.0):\n    engines: {}\n",
            vec!["/pg 8.11.3 :11", "/prisma 5.0.0 :9"],
        ),
        (
            "pnpm-lock.yaml",
            "packages:\n  /pg/8.7.1:\n    dev: false\n  /@prisma/client/4.0.0_prisma@4.0.0:\n    dev: false\n",
            vec!["/pg 8.7.1 :2", "/prisma 4.0.0 :4"],
        ),
        (
            "requirements-dev.txt",
            "# SQLAlchemy==1.0\n-r base.txt\nSQLAlchemy[asyncio]==2.0.30 ; python_version >= '3.8'\nasyncpg>=0.29\npsycopg == 3.1.18 \\\n    --hash=sha256:00\npsycopg2==2.9\n",
            vec!["/asyncpg ? :4", "/psycopg 3.1.18 :5", "/sqlalchemy 2.0.30 :3"],
        ),
        (
            "requirements.txt",
            "sqlalchemy==2.0.*\nasyncpg\npsycopg==3.1,<4\n",
            vec!["/psycopg ? :3", "/sqlalchemy ? :1"],
        ),
        (
            "uv.lock",
            "version = 1\n\n[[package]]\nname = \"sqlalchemy\"\nversion = \"2.0.31\"\n\n[package.metadata]\nname = \"asyncpg\"\nversion = \"0.1\"\n[[package]]\nname = \"asyncpg\"\nversion = \"0.30.0\"\n",
            vec!["/asyncpg 0.30.0 :12", "/sqlalchemy 2.0.31 :5"],
        ),
        (
            "Pipfile.lock",
            "{\"default\": {\"sqlalchemy\": {\"version\": \"==2.0.1\"}}, \"develop\": {}}",
            vec!["/sqlalchemy 2.0.1 :1"],
        ),
        (
            "go.mod",
            "module x\n\ngo 1.22\n\nrequire (\n\tgithub.com/jackc/pgx/v5 v5.5.5 // indirect\n\tgithub.com/a/b v1.0.0\n)\n",
            vec!["/pgx 5.5.5 :6"],
        ),
        (
            "go.mod",
            "require github.com/jackc/pgx/v5 v5.5.5\nreplace github.com/jackc/pgx/v5 => ../pgx\n",
            vec!["/pgx ? :1"],
        ),
        ("go.mod", "require github.com/jackc/pgx/v5 v5.0.0-20240101000000-abcdef\n", vec!["/pgx ? :1"]),
        (
            "src/App.csproj",
            "<Project Sdk=\"Microsoft.NET.Sdk\">\n<PropertyGroup><V>8.0.3</V></PropertyGroup>\n<ItemGroup>\n<PackageReference Include=\"Npgsql\" Version=\"$(V)\" />\n<PackageReference Include=\"Npgsql.Json.NET\" Version=\"1.0.0\" />\n</ItemGroup></Project>",
            vec!["src/npgsql 8.0.3 :4"],
        ),
        (
            "Directory.Packages.props",
            "<Project><ItemGroup><PackageVersion Include=\"Npgsql\"><Version>9.0.*</Version></PackageVersion></ItemGroup></Project>",
            vec!["/npgsql ? :1"],
        ),
        (
            "a.csproj",
            "<Project><ItemGroup Condition=\"'$(T)'=='net8.0'\"><PackageReference Include=\"Npgsql\" Version=\"8.0.1\"/></ItemGroup></Project>",
            vec!["/npgsql ? :1"],
        ),
        (
            "packages.lock.json",
            "{\"version\": 1, \"dependencies\": {\"net8.0\": {\"Npgsql\": {\"type\": \"Direct\", \"resolved\": \"8.0.3\"}}}}",
            vec!["/npgsql 8.0.3 :1"],
        ),
        (
            "charts/postgresql/Chart.yaml",
            "apiVersion: v2\nname: postgresql\nversion: 15.5.0\nappVersion: \"16.3.0\"\ndependencies:\n  - name: common\n    version: 2.x.x\n",
            vec!["charts/postgresql/postgresql 16.3.0 :4"],
        ),
        (
            "db/Dockerfile",
            "ARG V=1\nFROM --platform=linux/amd64 docker.io/library/postgres:16.4-alpine AS db\nFROM edoburu/pgbouncer:v1.23.1-p2\nFROM edoburu/pgbouncer:latest\nFROM postgres:${V}\n",
            vec!["db/pgbouncer v1.23.1-p2 :3", "db/postgresql 16.4-alpine :2"],
        ),
        ("Cargo.toml", "[dependencies]\npg = \"1\"\n", vec![]),
    ] {
        assert_eq!(read(&[(path, text)]), [want], "{path}\n{text}");
    }
}

#[test]
fn a_gradle_build_knows_the_properties_further_up() {
    let script = ("app/api/build.gradle", "plugins { id 'org.springframework.boot' version springBootVersion }\n");
    let properties = ("app/gradle.properties", "# versions\nspringBootVersion = 3.3.2\n");
    assert_eq!(read(&[script, properties])[0], ["app/api/spring-boot 3.3.2 :1"]);
    assert_eq!(read(&[script, ("other/gradle.properties", properties.1)])[0], ["app/api/spring-boot ? :1"]);
}

#[test]
fn only_releases_are_exact() {
    for (text, want) in [
        ("1.2.3", Some("1.2.3")),
        ("v5.5.5", Some("5.5.5")),
        ("2.3.1.RELEASE", Some("2.3.1")),
        ("5.6.1.Final", Some("5.6.1")),
        ("42.7.3.jre7", Some("42.7.3")),
        ("33.0-jre", Some("33.0")),
        ("2.9.9.post1", Some("2.9.9")),
        ("1.0+local", Some("1.0")),
        ("", None),
        ("Hoxton.SR12", None),
        ("1.2.3-SNAPSHOT", None),
        ("1.2.3rc1", None),
        ("2.0.0-beta.1", None),
        ("^1.2.3", None),
        ("1.2.x", None),
        ("1.2.*", None),
        ("1.+", None),
        (">=1, <2", None),
        ("[1.0,2.0)", None),
        ("latest", None),
        ("1..2", None),
        ("99999999999999999999", None),
    ] {
        assert_eq!(exact(text), want, "{text}");
    }
}

#[test]
fn the_nearest_directory_decides() {
    let mut context = Context::new(&KNOWLEDGE.pins);
    let mut pin = |directory: &str, product: &str, version: Option<&str>| {
        let pinned = Pinned {
            directory: directory.into(),
            product: product.into(),
            version: version.map(Into::into),
            span: crate::syntax::Span::at(0),
        };
        context.pin(&pinned, &format!("{directory}/file:1").as_str().into(), Location { file: 0, start: 0, end: 0 });
    };
    pin("", "spring-boot", Some("3.5.4"));
    pin("two", "spring-boot", Some("2.7.18"));
    pin("two", "spring-boot", Some("2.7.18"));
    pin("two", "spring-boot", None);
    pin("two/open", "spring-boot", None);
    pin("both", "spring-boot", Some("2.7.18"));
    pin("both", "spring-boot", Some("3.0.0"));
    pin("own", "hikaricp", Some("5.0.1"));
    let version = |product: &str, path: &str| context.version(product, path).map(|pin| pin.version.to_string());
    for (product, path, want) in [
        ("spring-boot", "app/application.yml", Some("3.5.4")),
        ("spring-boot", "two/a/application.yml", Some("2.7.18")),
        ("spring-boot", "two/open/application.yml", None),
        ("spring-boot", "both/application.yml", None),
        ("hikaricp", "app/application.yml", Some("6.3")),
        ("hikaricp", "two/application.yml", Some("4.0.3")),
        ("hikaricp", "both/application.yml", None),
        ("hikaricp", "own/application.yml", Some("5.0.1")),
        ("postgresql", "app/application.yml", None),
    ] {
        assert_eq!(version(product, path).as_deref(), want, "{product} {path}");
    }
    let pin = context.version("hikaricp", "two/application.yml").expect("Boot brings it");
    assert_eq!(&*pin.source, "spring-boot 2.7.18 in two/file:1");
    context.declare("spring-boot", "3.3");
    let version = |product: &str, path: &str| context.version(product, path).map(|pin| pin.version.to_string());
    assert_eq!(version("spring-boot", "two/application.yml").as_deref(), Some("3.3"));
    assert_eq!(version("hikaricp", "two/application.yml").as_deref(), Some("5.1"));
    assert_eq!(version("hikaricp", "own/application.yml").as_deref(), Some("5.0.1"));
}

#[test]
fn nothing_breaks_it_and_all_is_linear() {
    let names = [
        "pom.xml",
        "build.gradle",
        "build.gradle.kts",
        "gradle.properties",
        "libs.versions.toml",
        "Gemfile.lock",
        "package-lock.json",
        "yarn.lock",
        "pnpm-lock.yaml",
        "requirements.txt",
        "uv.lock",
        "Pipfile.lock",
        "go.mod",
        "a.csproj",
        "packages.lock.json",
        "Chart.yaml",
        "Dockerfile",
    ];
    let all: Vec<String> = [POM, GRADLE].iter().map(ToString::to_string).collect();
    let mut texts = vec![
        String::new(),
        "\u{feff}é\0\"'${".into(),
        "${a}".repeat(10_000),
        "a = \"${b}\"\nb = \"${a}\"\nid 'org.springframework.boot' version a\n".into(),
        "<project><properties><a>${b}${b}</a><b>${a}${a}</b></properties><parent><version>${a}</version></parent></project>".into(),
        "<x>".repeat(200_000),
        "<x a='b' ".repeat(100_000),
        "[".repeat(200_000),
        "{\"a\":".repeat(100_000),
        "\"".repeat(200_001),
        "\\".repeat(200_000),
        "(".repeat(200_000),
        "a@".repeat(100_000),
        "    a (".repeat(100_000),
        "require (\n".repeat(50_000),
        "replace a => b\n".repeat(20_000),
        "FROM ".repeat(100_000),
    ];
    // every prefix of real files
    texts.extend(all.iter().flat_map(|text| (0..text.len()).step_by(7).map(|end| text[..end].to_string())));
    for name in names {
        assert!(Kind::of(name).is_some(), "{name}");
        for text in &texts {
            read(&[(name, text)]);
        }
    }
}
