//! Which keys name a secret.

/// Words that make a key secret wherever they stand in it.
const WORDS: &[&str] = &[
    "password",
    "passwords",
    "passwd",
    "passphrase",
    "pwd",
    "psw",
    "secret",
    "token",
    "apikey",
    "credential",
    "credentials",
    "authorization",
    "cookie",
    "requirepass",
    "masterauth",
    "jaas",
    "pgpass",
];

/// Ends of words written together: `dbpassword`, `clientsecret`.
const ENDINGS: &[&str] = &[
    "password",
    "passwords",
    "passwd",
    "passphrase",
    "pwd",
    "secret",
    "token",
    "apikey",
    "secretkey",
    "accesskey",
    "privatekey",
    "credentials",
    "userpass",
    "dbpass",
];

/// What may stand before `key` to make it secret.
const KEYS: &[&str] = &[
    "api",
    "access",
    "secret",
    "private",
    "signing",
    "encryption",
    "account",
    "master",
    "shared",
    "service",
    "storage",
    "jwt",
    "hmac",
    "client",
    "subscription",
    "webhook",
    "deploy",
    "app",
    "license",
    "auth",
    "session",
];

/// Last words that say the key is about a secret without being one.
const HARMLESS: &[&str] = &[
    "limit",
    "limits",
    "max",
    "min",
    "count",
    "size",
    "length",
    "ttl",
    "timeout",
    "expiry",
    "expiration",
    "expires",
    "lifetime",
    "name",
    "names",
    "file",
    "path",
    "dir",
    "type",
    "enabled",
    "disabled",
    "required",
    "policy",
    "url",
    "uri",
    "endpoint",
    "ref",
    "interval",
    "minute",
    "second",
    "hour",
    "day",
    "rotation",
    "format",
    "algorithm",
    "field",
    "header",
    "prefix",
    "encoding",
    "version",
    "namespace",
    "encryption",
    "command",
    "reload",
    "method",
    "issuer",
    "audience",
    "budget",
    "bucket",
    "buckets",
    "rate",
    "per",
    "seconds",
    "minutes",
    "hours",
    "days",
    "ms",
    "age",
    "provider",
    "store",
    "class",
    "authentication",
    "validity",
    "delay",
    "cost",
    "usage",
    "rounds",
    "iterations",
    "location",
    "mode",
    "scheme",
    "protocol",
    "renewal",
    "refresh",
];

/// First words that turn it into a question, or the name of something that exists elsewhere.
const QUESTIONS: &[&str] =
    &["existing", "use", "enable", "require", "requires", "has", "is", "with", "no", "max", "min", "num"];

/// Words before `pass` that make it a proxy directive.
const PROXIES: &[&str] = &["proxy", "fastcgi", "uwsgi", "scgi", "grpc", "memcached"];

/// One of these stands in every key that names a secret, whatever its spelling: most keys are told by this alone.
const STEMS: &[&[u8]] =
    &[b"pass", b"pwd", b"psw", b"secret", b"token", b"key", b"credential", b"auth", b"cookie", b"jaas"];

/// The longest key that is looked at; of a longer one, its end.
const LONGEST: usize = 200;

/// Whether values of `key` are secret: by its words in camelCase, snake_case, kebab-case or dotted spelling.
///
/// ```
/// use trueup::syntax::secret::is_secret_key;
///
/// assert!(is_secret_key("spring.datasource.password") && is_secret_key("AWS_SECRET_ACCESS_KEY"));
/// assert!(!is_secret_key("max_tokens") && !is_secret_key("secretName") && !is_secret_key("passwordless"));
/// ```
pub fn is_secret_key(key: &str) -> bool {
    let start = crate::syntax::floor_char_boundary(key, key.len().saturating_sub(LONGEST));
    let key = &key[start..];
    if !has_stem(key) {
        return false;
    }
    // Of a dotted key the last part decides, unless it says nothing: `password.value`.
    let last = key.rsplit('.').next().unwrap_or(key);
    let says_nothing = matches!(last, "" | "value" | "raw" | "text" | "default" | "config")
        || last.bytes().all(|byte| byte.is_ascii_digit());
    let tokens = tokens(if says_nothing { key } else { last });
    let (Some(first), Some(last)) = (tokens.first(), tokens.last()) else { return false };
    if HARMLESS.contains(&last.as_str()) || (tokens.len() > 1 && QUESTIONS.contains(&first.as_str())) {
        return false;
    }
    let before = |index: usize| index.checked_sub(1).and_then(|before| tokens.get(before)).map_or("", String::as_str);
    tokens.iter().enumerate().any(|(index, token)| {
        let word = token.trim_end_matches(|char: char| char.is_ascii_digit());
        match word {
            "auth" => index + 1 == tokens.len(),
            "pass" => index + 1 == tokens.len() && !PROXIES.contains(&before(index)),
            "key" => KEYS.contains(&before(index)),
            "tokens" => matches!(before(index), "api" | "access" | "auth" | "refresh" | "bearer"),
            _ => WORDS.contains(&word) || ENDINGS.iter().any(|ending| word.ends_with(ending)),
        }
    })
}

/// Whether one of [`STEMS`] stands in `key`; yes for what is not ASCII, where a letter may have an unexpected lower case.
fn has_stem(key: &str) -> bool {
    let bytes = key.as_bytes();
    !key.is_ascii()
        || (0..bytes.len()).any(|at| {
            let rest = &bytes[at..];
            // the letters that stems begin with
            matches!(rest[0] | 0x20, b'p' | b's' | b't' | b'k' | b'c' | b'a' | b'j')
                && STEMS.iter().any(|stem| rest.get(..stem.len()).is_some_and(|part| part.eq_ignore_ascii_case(stem)))
        })
}

/// The words of a key, in lower case.
fn tokens(key: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut token = String::new();
    let mut chars = key.chars().peekable();
    let mut before = ' ';
    while let Some(char) = chars.next() {
        let next_is_lower = chars.peek().is_some_and(|next| next.is_lowercase());
        // `apiKey`, and the last capital of a run: `DBPassword`.
        let new_word = char.is_uppercase()
            && (before.is_lowercase() || before.is_ascii_digit() || (before.is_uppercase() && next_is_lower));
        if (!char.is_alphanumeric() || new_word) && !token.is_empty() {
            tokens.push(std::mem::take(&mut token));
        }
        if char.is_alphanumeric() {
            token.extend(char.to_lowercase());
        }
        before = char;
    }
    if !token.is_empty() {
        tokens.push(token);
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stem_is_in_every_word() {
        for word in WORDS.iter().chain(ENDINGS).chain(&["auth", "pass", "key", "tokens"]) {
            assert!(has_stem(word) && has_stem(&word.to_uppercase()), "{word}");
        }
    }

    #[test]
    fn keys_that_name_a_secret() {
        for key in [
            "password",
            "PASSWORD",
            "dbPassword",
            "DB_PASSWORD",
            "db-password",
            "spring.datasource.password",
            "PGPASSWORD",
            "MYSQL_PWD",
            "passwd",
            "pass",
            "redis_pass",
            "api_key",
            "apiKey",
            "API-KEY",
            "apikey",
            "x-api-key",
            "access_key",
            "AWS_SECRET_ACCESS_KEY",
            "private_key",
            "privateKey",
            "clientSecret",
            "client_secret",
            "secret",
            "token",
            "auth_token",
            "AuthToken",
            "access_token",
            "bearerToken",
            "credentials",
            "auth",
            "basic_auth",
            "requirepass",
            "masterauth",
            "secret_key_base",
            "password1",
            "oldpassword2",
            "DBPassword",
            "sasl.jaas.config",
            "accessTokens",
            "--password",
            "passphrase",
            "jwt_secret",
            "SECRET_KEY",
            "password_hash",
            "spring.redis.password.value",
        ] {
            assert!(is_secret_key(key), "{key}");
        }
    }

    #[test]
    fn keys_about_secrets_or_something_else() {
        for key in [
            "",
            "token_limit",
            "max_tokens",
            "maxTokens",
            "tokens_per_minute",
            "tokens",
            "secret_name",
            "secretName",
            "passwordless",
            "password_file",
            "POSTGRES_PASSWORD_FILE",
            "password_encryption",
            "token_ttl",
            "auth_type",
            "authentication_timeout",
            "proxy_pass",
            "primary_key",
            "key",
            "partition_key",
            "bypass",
            "compass",
            "tokenizer",
            "existingSecret",
            "imagePullSecrets",
            "secrets",
            "author",
            "passive",
            "ssl_passphrase_command",
            "token_url",
            "max_token",
            "use_password",
            "keyspace",
            "password.min.length",
            "secretKeyRef",
            "monkey",
            "auth_query",
        ] {
            assert!(!is_secret_key(key), "{key}");
        }
    }
}
