//! `stepwell doctor`: whether this machine has what runs need.
//!
//! Knows how findings are printed. Does not know what is looked at.

use super::args::{Cli, Output};
use super::exit::Exit;
use super::settings::Settings;
use super::style::Style;
use super::{output, sanitize};
use crate::app::{App, Finding, Silent};
use serde_json::json;
use std::sync::Arc;

/// Looks, and prints what was found. Something amiss is a fault of the machine.
///
/// # Errors
/// Faults of standard output.
pub fn run(cli: &Cli) -> anyhow::Result<Exit> {
    let settings = Settings::join(&cli.global, None, None)?;
    let findings = App::open(settings.options(Arc::new(Silent))).doctor();
    match settings.output {
        Output::Json => {
            let list: Vec<_> = findings
                .iter()
                .map(|f| json!({ "name": f.name, "ok": f.ok, "detail": f.detail, "remedy": f.remedy }))
                .collect();
            output::print(&format!("{:#}\n", json!({ "findings": list })))?;
        }
        Output::Text => output::print(&text(&findings, settings.stdout.style))?,
    }
    Ok(if findings.iter().all(|f| f.ok) { Exit::Success } else { Exit::Fault })
}

fn text(findings: &[Finding], style: Style) -> String {
    let mut text = String::new();
    for finding in findings {
        let word = if finding.ok { style.good("ok     ") } else { style.bad("amiss  ") };
        text.push_str(&format!("{word}{}: {}\n", sanitize::name(&finding.name), sanitize::name(&finding.detail)));
        if !finding.ok && !finding.remedy.is_empty() {
            text.push_str(&format!("       {}\n", sanitize::name(&finding.remedy)));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_amiss_has_its_remedy() {
        let finding = |ok: bool| Finding {
            name: "disk".into(),
            ok,
            detail: "3 MiB free".into(),
            remedy: if ok { String::new() } else { "make room".into() },
        };
        let text = text(&[finding(true), finding(false)], Style::PLAIN);
        assert_eq!(text, "ok     disk: 3 MiB free\namiss  disk: 3 MiB free\n       make room\n");
    }
}
