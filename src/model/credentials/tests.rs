//! The files that Secrets become, and what is wrong with Secrets.

use super::*;

type Texts<'t> = &'t [(&'t str, &'t str)];

fn texts(texts: Texts<'_>) -> BTreeMap<String, String> {
    texts.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

/// A Secret: name, type, annotations, data.
type Secret<'t> = (&'t str, &'t str, Texts<'t>, Texts<'t>);

fn made(secrets: &[Secret<'_>]) -> Result<Credentials, String> {
    let owned: Vec<_> = secrets
        .iter()
        .map(|(name, type_, annotations, data)| {
            let data: Data = texts(data).into_iter().map(|(key, value)| (key, value.into_bytes())).collect();
            (*name, SecretUse::new(type_, &texts(annotations)), data)
        })
        .collect();
    let sources: Vec<_> = owned.iter().map(|(name, use_, data)| SecretSource { name, use_, data }).collect();
    Credentials::of(&sources)
}

/// The files as text, and the notes.
fn files(secrets: &[Secret<'_>]) -> (BTreeMap<String, String>, Vec<String>) {
    let made = made(secrets).expect("they can be used");
    let text = |bytes| String::from_utf8(bytes).expect("is text");
    (made.files.into_iter().map(|(path, bytes)| (path, text(bytes))).collect(), made.notes)
}

const USER: Texts<'_> = &[("username", "corp\\me"), ("password", "p@ss")];

#[test]
fn git_gets_a_store_and_a_name_for_each_server() {
    let (files, notes) = files(&[
        (
            "one",
            BASIC_AUTH,
            &[("tekton.dev/git-1", "https://github.com"), ("tekton.dev/git-0", "https://z.example:8")],
            USER,
        ),
        ("two", BASIC_AUTH, &[("tekton.dev/git-0", "https://b.example/org")], &[("username", "b"), ("password", "c")]),
    ]);
    let config = "[credential]\n\thelper = store\n\
        [credential \"https://github.com\"]\n\tusername = corp\\\\me\n\
        [credential \"https://z.example:8\"]\n\tusername = corp\\\\me\n\
        [credential \"https://b.example/org\"]\n\tusername = b\n";
    let credentials = "https://corp%5Cme:p%40ss@github.com\nhttps://corp%5Cme:p%40ss@z.example:8\n\
        https://b:c@b.example/org\n";
    assert_eq!(files, texts(&[(".git-credentials", credentials), (".gitconfig", config)]));
    assert_eq!(notes, [""; 0]);
}

#[test]
fn ssh_gets_a_key_for_each_secret_and_an_entry_for_each_host() {
    let key = |key| [("ssh-privatekey", key), ("known_hosts", "known\n"), ("extra", "no")];
    let (files, _) = files(&[
        ("b", SSH_AUTH, &[("tekton.dev/git-0", "h.example:2222"), ("tekton.dev/git-1", "a.example")], &key("B\n")),
        ("a", SSH_AUTH, &[("tekton.dev/git-0", "h.example:2222")], &[("ssh-privatekey", "A")]),
        ("c", SSH_AUTH, &[("tekton.dev/git-x", "a.example")], &key("C")),
    ]);
    let config = "Host a.example\n    HostName a.example\n    Port 22\n    \
        IdentityFile /tekton/creds/.ssh/id_b\n    IdentityFile /tekton/creds/.ssh/id_c\n\
        Host h.example\n    HostName h.example\n    Port 2222\n    \
        IdentityFile /tekton/creds/.ssh/id_b\n    IdentityFile /tekton/creds/.ssh/id_a\n";
    let wanted = [
        (".ssh/config", config),
        (".ssh/id_a", "A"),
        (".ssh/id_b", "B\n"),
        (".ssh/id_c", "C"),
        (".ssh/known_hosts", "known\n\nknown\n\nknown\n"),
    ];
    assert_eq!(files, texts(&wanted));
}

#[test]
fn docker_gets_all_servers_in_one_file() {
    let config = r#"{"auths":{"c.example":{"auth":"later"},"h.example":{"auth":"earlier"}},"credsStore":"x"}"#;
    let (files, _) = files(&[
        ("new", DOCKER_CONFIG, &[], &[(".dockerconfigjson", config)]),
        ("basic", BASIC_AUTH, &[("tekton.dev/docker-0", "h.example")], &[("username", "u<"), ("password", "p\"")]),
        (
            "old",
            DOCKER_CFG,
            &[],
            &[(".dockercfg", r#"{"c.example":{"auth":"x"},"d.example":{"EMAIL":"e@f","auth":null}}"#)],
        ),
    ]);
    let wanted = concat!(
        r#"{"auths":{"c.example":{"auth":"later"},"d.example":{"auth":"","email":"e@f"},"#,
        r#""h.example":{"username":"u\u003c","password":"p\"","auth":"dTw6cCI=","email":"not@val.id"}}}"#
    );
    assert_eq!(files, texts(&[(".docker/config.json", wanted)]));
}

#[test]
fn one_secret_may_be_for_both() {
    let annotations = [("tekton.dev/git-0", "https://g.example"), ("tekton.dev/docker-0", "d.example"), ("other", "x")];
    let made = made(&[("both", BASIC_AUTH, &annotations, USER), ("none", "Opaque", &annotations, USER)]);
    let made = made.expect("is made");
    let paths: Vec<&str> = made.files.keys().map(String::as_str).collect();
    assert_eq!(paths, [".docker/config.json", ".git-credentials", ".gitconfig"]);
    assert_eq!(made.secrets, ["both"]);
    assert!(!format!("{made:?}").contains("p@ss"));
}

#[test]
fn a_secret_without_annotations_is_for_nothing() {
    for type_ in [BASIC_AUTH, SSH_AUTH, "Opaque", ""] {
        assert_eq!(made(&[("s", type_, &[("tekton.dev/other-0", "h")], &[])]), Ok(Credentials::default()), "{type_}");
    }
}

/// Of what would end Tekton's entrypoint, and its words.
#[test]
fn what_no_step_can_start_with_is_said() {
    let git: Texts<'_> = &[("tekton.dev/git-0", "https://h")];
    let docker: Texts<'_> = &[("tekton.dev/docker-0", "h")];
    let equals: Texts<'_> = &[("tekton.dev/git-0", "https://h?a=b")];
    for (secret, wanted) in [
        (
            ("s", BASIC_AUTH, git, &[("password", "hush")] as Texts<'_>),
            r#"invalid value "s=https://h" for flag -basic-git: open /tekton/creds-secrets/s/username: no such file or directory"#,
        ),
        (
            ("s", BASIC_AUTH, docker, &[("username", "hush")]),
            r#"invalid value "s=h" for flag -basic-docker: open /tekton/creds-secrets/s/password: no such file or directory"#,
        ),
        (
            ("s", SSH_AUTH, git, &[]),
            r#"invalid value "s=https://h" for flag -ssh-git: open /tekton/creds-secrets/s/ssh-privatekey: no such file or directory"#,
        ),
        (
            ("s", BASIC_AUTH, equals, USER),
            r#"invalid value "s=https://h?a=b" for flag -basic-git: expect entries of the form secret=url, got: s=https://h?a=b"#,
        ),
        (
            ("s", BASIC_AUTH, &[("tekton.dev/git-0", "https://h\nx")], USER),
            "invalid value \"s=https://h\\nx\" for flag -basic-git: parse \"https://h\\nx\": net/url: invalid control character in URL",
        ),
        (
            ("s", SSH_AUTH, &[("tekton.dev/git-0", "h\nProxyCommand x")], &[("ssh-privatekey", "hush")]),
            "invalid value \"s=h\\nProxyCommand x\" for flag -ssh-git: \"h\\nProxyCommand x\" is not a host: it has control characters",
        ),
        (("../s", SSH_AUTH, git, &[("ssh-privatekey", "hush")]), r#""../s" cannot be the name of a Secret"#),
    ] {
        assert_eq!(made(&[secret]), Err(wanted.to_owned()));
    }
    for (annotations, flag) in [(git, "basic-git"), (docker, "basic-docker")] {
        let twice = made(&[("s", BASIC_AUTH, annotations, USER), ("t", BASIC_AUTH, annotations, USER)]);
        let place = annotations[0].1;
        let wanted = format!("invalid value \"t={place}\" for flag -{flag}: multiple entries for url: {place}");
        assert_eq!(twice, Err(wanted));
    }
}

#[test]
fn a_file_that_docker_cannot_read_is_left_out_and_not_quoted() {
    for hush in [r#"{"auths":hush}"#, r#"{"auths":["hush"]}"#, r#"{"auths":{"h":{"auth":7}}}"#, "", "[]"] {
        let annotated: Texts<'_> = &[("tekton.dev/git-0", "https://h")];
        let (files, notes) =
            files(&[("d", DOCKER_CONFIG, &[], &[(".dockerconfigjson", hush)]), ("g", BASIC_AUTH, annotated, USER)]);
        assert_eq!(files.len(), 2, "{hush}");
        let said = "Error initializing credentials: .dockerconfigjson of the Secret d is not a file that docker reads";
        assert_eq!(notes, [said], "{hush}");
    }
    let (_, notes) = files(&[("d", DOCKER_CFG, &[], &[])]);
    let said = "Error initializing credentials: open /tekton/creds-secrets/d/.dockercfg: no such file or directory";
    assert_eq!(notes, [said]);
}

/// A few long values, asked for by many annotations.
#[test]
fn what_many_annotations_ask_for_is_bounded() {
    let long = "x".repeat(1 << 20);
    let places: Vec<_> = (0..4000).map(|n| (format!("tekton.dev/git-{n}"), format!("h{n}.example"))).collect();
    let annotations: Vec<_> = places.iter().map(|(key, place)| (key.as_str(), place.as_str())).collect();
    let docker: Vec<_> = places.iter().map(|(key, place)| (key.replace("git", "docker"), place.clone())).collect();
    let docker: Vec<_> = docker.iter().map(|(key, place)| (key.as_str(), place.as_str())).collect();
    for secret in [
        ("s", SSH_AUTH, annotations.as_slice(), &[("ssh-privatekey", "k"), ("known_hosts", &long)] as Texts<'_>),
        ("s", BASIC_AUTH, annotations.as_slice(), &[("username", "u"), ("password", &long)]),
        ("s", BASIC_AUTH, docker.as_slice(), &[("username", &long), ("password", "p")]),
    ] {
        let fault = made(&[secret]).expect_err("is too much");
        assert!(fault.ends_with("the credentials have more than 8 MiB together"), "{fault}");
    }
    let fault = made(&[("s", SSH_AUTH, &[("tekton.dev/git-0", &format!("{long}="))], &[])]).expect_err("is wrong");
    assert!(fault.len() < 500, "{} bytes", fault.len());
}

#[test]
fn texts_are_quoted_as_go_quotes_them() {
    for (text, wanted) in [
        ("a\"b\\", r#""a\"b\\""#),
        ("\u{e9}\u{a0}\u{301}\u{200b}\u{1f600}", "\"\u{e9}\\u00a0\u{301}\\u200b\u{1f600}\""),
        ("\t\n\r\u{7}\u{8}\u{c}\u{b}\u{1}\u{7f}", r#""\t\n\r\a\b\f\v\x01\x7f""#),
        ("\u{feff}\u{e0001}\u{2028}", r#""\ufeff\U000e0001\u2028""#),
    ] {
        assert_eq!(quoted(text), wanted);
    }
}
