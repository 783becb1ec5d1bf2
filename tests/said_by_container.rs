//! What labels of containers and options of their commands say in the keys of other products: read, and written back in
//! the form found there.

use trueup::analysis::{Input, Outcome, analyse};
use trueup::fix::fix;
use trueup::model::Safety;
use trueup::workspace::Shipped;

/// A compose file with one service that has an image and these lines.
fn service(lines: &str) -> String {
    let lines: String = lines.lines().map(|line| format!("    {line}\n")).collect();
    format!("services:\n  web:\n    image: acme/web\n{lines}")
}

/// What is found in it, as `line rule`, and what it becomes with all fixes made.
fn judged(shipped: &Shipped, text: &str) -> (Vec<String>, String) {
    let input = || vec![Input { path: "compose.yaml".into(), bytes: text.as_bytes().into() }];
    let found = analyse(shipped.known(), input()).findings;
    let line = |start: u32| text[..start as usize].matches('\n').count() + 1;
    let found = found.iter().map(|finding| format!("{} {}", line(finding.primary.start), finding.rule)).collect();
    let fixed = fix(shipped.known(), &input(), Safety::Unsafe, &mut |_: &mut Outcome| {});
    let bytes = fixed.changes.first().map_or(text.as_bytes(), |change| &change.bytes);
    (found, String::from_utf8(bytes.to_vec()).expect("a text stays one"))
}

#[test]
fn labels_and_options_are_read_and_written_in_their_own_form() {
    let shipped = Shipped::new();
    for (before, found, after) in [
        (
            "labels:\n  - \"traefik.http.middlewares.a.rateLimit.average=100\"\n",
            &["5 burst-of-one"][..],
            "labels:\n  - \"traefik.http.middlewares.a.rateLimit.average=100\"\n  - \"traefik.http.middlewares.a.rateLimit.burst=100\"\n",
        ),
        (
            "labels:\n  traefik.http.middlewares.a.ratelimit.average: \"20\"\n",
            &["5 burst-of-one"],
            "labels:\n  traefik.http.middlewares.a.ratelimit.average: \"20\"\n  traefik.http.middlewares.a.ratelimit.burst: \"20\"\n",
        ),
        (
            "command:\n  - --entryPoints.a.transport.respondingTimeouts.readTimeout=0s\n",
            &["5 proxy-request-unlimited"],
            "command:\n  - --entryPoints.a.transport.respondingTimeouts.readTimeout=600s\n",
        ),
        (
            "command: [--serverstransport.forwardingtimeouts.responseheadertimeout=0s]\n",
            &["4 proxy-answer-unlimited"],
            "command: [--serverstransport.forwardingtimeouts.responseheadertimeout=30s]\n",
        ),
        // what is not set may be set in a file that takes the place of the options
        ("command: [--serverstransport.forwardingtimeouts.dialtimeout=5s]\n", &[], ""),
        (
            "command: proxy --serverstransport.forwardingtimeouts.responseheadertimeout=0s\n",
            &["4 proxy-answer-unlimited"],
            "command: proxy --serverstransport.forwardingtimeouts.responseheadertimeout=30s\n",
        ),
        // names, and no values
        ("labels:\n  - traefik.http.middlewares.a.ratelimit.average\n  - 7\n  - {}\n", &[], ""),
        ("command:\n  - --\n  - --=\n  - --entrypoints.a.transport.respondingtimeouts.readtimeout\n", &[], ""),
    ] {
        let (judgements, text) = judged(&shipped, &service(before));
        assert_eq!(judgements, found, "{before}");
        let after = if after.is_empty() { before } else { after };
        assert_eq!(text, service(after), "{before}");
    }
}

#[test]
fn a_description_that_only_adds_to_another_is_not_all_there_is() {
    let shipped = Shipped::new();
    let text = "services:\n  web:\n    labels:\n      - traefik.http.middlewares.a.ratelimit.average=100\n";
    assert_eq!(judged(&shipped, text), (Vec::new(), text.to_owned()));
}
