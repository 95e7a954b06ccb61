//! The command line's grammar: commands, flags, help with examples.
//!
//! Knows clap. Does not know what a flag does: `settings` joins flags, environment and
//! configuration files, the commands act.

use super::graph;
use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};
use std::path::PathBuf;
use std::time::Duration;

/// Runs Tekton pipelines whose steps are WASI modules, sandboxed, on this machine.
#[derive(Debug, Parser)]
#[command(name = "stepwell", disable_version_flag = true, max_term_width = 110, after_help = after_help())]
pub struct Cli {
    /// Print the version of Stepwell and wasmtime, the target and the commit.
    #[arg(short = 'V', long)]
    pub version: bool,
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Flags of every command.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// Where runs, logs and volumes are kept [env: STEPWELL_STATE_DIR] [default: the platform's data directory].
    #[arg(long, global = true, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub state_dir: Option<PathBuf>,
    /// Where compiled modules and results of steps are kept; may be deleted at any time [env: STEPWELL_CACHE_DIR] [default: the platform's cache directory].
    #[arg(long, global = true, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub cache_dir: Option<PathBuf>,
    /// Neither read nor write step results (compiled modules are always kept).
    #[arg(long, global = true)]
    pub no_cache: bool,
    /// What standard output carries; with json, words for people go to standard error [default: text].
    #[arg(long, global = true, value_name = "FORMAT")]
    pub output: Option<Output>,
    /// Configuration file [default: stepwell/stepwell.yaml in the platform's configuration directory].
    #[arg(long, global = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub config: Option<PathBuf>,
    /// When to colour; auto obeys NO_COLOR and the terminal.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub color: Color,
    /// Print no progress and no summary; failures are still shown.
    #[arg(short, long, global = true)]
    pub quiet: bool,
}

/// What standard output carries.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Output {
    #[default]
    Text,
    Json,
}

/// When to colour.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Color {
    #[default]
    Auto,
    Always,
    Never,
}

/// Which step logs `run` prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Logs {
    /// Every line as it comes.
    All,
    /// The whole log of each step that failed, at the end.
    Failed,
    None,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    Run(RunArgs),
    Check(CheckArgs),
    Graph(GraphArgs),
    List(ListArgs),
    Show(ShowArgs),
    Logs(LogsArgs),
    Cancel(CancelArgs),
    Get(GetArgs),
    #[command(subcommand)]
    Module(ModuleCommand),
    #[command(subcommand)]
    Cache(CacheCommand),
    Doctor(DoctorArgs),
    Completions(CompletionsArgs),
}

/// Where objects come from, and which run of them.
#[derive(Debug, Clone, Default, Args)]
pub struct InputArgs {
    /// A Task or Pipeline to run by name; without it, every run object of the files is run.
    #[arg(value_name = "NAME")]
    pub name: Option<String>,
    /// A file, a folder (its YAML and JSON files, flat), or `-` for standard input; repeatable.
    #[arg(short, long = "file", value_name = "FILE", value_hint = ValueHint::AnyPath)]
    pub files: Vec<PathBuf>,
    /// Only this run object of the files.
    #[arg(long = "run", value_name = "RUN")]
    pub run: Option<String>,
    /// A param as NAME=VALUE; JSON for lists and maps, NAME=@FILE reads a file; repeatable.
    #[arg(short, long = "param", value_name = "NAME=VALUE", value_parser = key_value)]
    pub params: Vec<(String, String)>,
    /// A workspace and what stands behind it.
    #[arg(short, long = "workspace", help = "A workspace as NAME=PATH[:ro], NAME=emptyDir, NAME=pvc:CLAIM, NAME=config:MAP or NAME=secret:SECRET; repeatable", value_name = "NAME=SOURCE", value_parser = key_value)]
    pub workspaces: Vec<(String, String)>,
    /// A YAML list of entries {match: IMAGE, module: MODULE} that come before the image map.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub image_map: Option<PathBuf>,
    /// Let no shell image stand for a module; with --image-map, that file is the whole map.
    #[arg(long)]
    pub no_image_map: bool,
}

/// Run the runs in files, or a Task or Pipeline by name.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  stepwell run -f pipeline.yaml
  stepwell run build -f pipeline.yaml -p version=1.2 -w source=.
  stepwell run -f ci/ --run nightly --parallel 4 --logs all
  stepwell run -f pipeline.yaml --output json --events=events.jsonl
  cat pipeline.yaml | stepwell run -f -")]
pub struct RunArgs {
    #[command(flatten)]
    pub input: InputArgs,
    /// Most task attempts that run at one time [default: the number of processors].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub parallel: Option<u16>,
    /// Run every step, and keep what it leaves in the place of what was known.
    #[arg(long, conflicts_with = "no_cache")]
    pub refresh: bool,
    /// Which step logs are printed [default: failed on a terminal, all elsewhere].
    #[arg(long, value_name = "WHICH")]
    pub logs: Option<Logs>,
    /// Write each event as a line of JSON to standard output, or to FILE.
    #[arg(long, value_name = "FILE", num_args = 0..=1, require_equals = true, default_missing_value = "-", value_hint = ValueHint::FilePath)]
    pub events: Option<PathBuf>,
    /// A limit of every step: memory, cpu, disk, files, output or handles, which a pipeline can only lower; or of compiling a module: compileMemory, compileTime; repeatable.
    #[arg(long = "limit", value_name = "NAME=VALUE", value_parser = key_value)]
    pub limits: Vec<(String, String)>,
    /// Say what each step's image would run as, and run nothing.
    #[arg(long)]
    pub explain_images: bool,
}

/// Check files, and the scripts in them, without running anything.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  stepwell check -f pipeline.yaml
  stepwell check -f ci/ --runnable
  stepwell check build -f pipeline.yaml -p version=1.2 --output json")]
pub struct CheckArgs {
    #[command(flatten)]
    pub input: InputArgs,
    /// Refuse what only cannot be run here, too.
    #[arg(long)]
    pub runnable: bool,
}

/// Draw the graph of the runs in files.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  stepwell graph -f pipeline.yaml
  stepwell graph build -f pipeline.yaml --format mermaid
  stepwell graph -f pipeline.yaml --format dot | dot -Tsvg > graph.svg")]
pub struct GraphArgs {
    #[command(flatten)]
    pub input: InputArgs,
    /// How it is drawn.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: graph::Format,
}

/// List the runs of the state directory, newest first.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  stepwell list
  stepwell list --limit 5
  stepwell list --output json")]
pub struct ListArgs {
    /// Show at most this many.
    #[arg(short = 'n', long, value_name = "N")]
    pub limit: Option<usize>,
}

/// Show a run: its tasks, steps, results and workspaces.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  stepwell show
  stepwell show abcd
  stepwell show nightly --output json")]
pub struct ShowArgs {
    /// A run's id, the beginning of one, or its object's name; the newest run when left out.
    #[arg(value_name = "RUN")]
    pub run: Option<String>,
}

/// Print the logs of a run's steps.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  stepwell logs
  stepwell logs abcd build/compile
  stepwell logs nightly build --attempt 1 --timestamps
  stepwell logs -f abcd")]
pub struct LogsArgs {
    /// A run's id, the beginning of one, or its object's name; the newest run when left out.
    #[arg(value_name = "RUN")]
    pub run: Option<String>,
    /// A task of the pipeline, or one of its steps.
    #[arg(value_name = "TASK[/STEP]")]
    pub step: Option<String>,
    /// Go on until the run ends.
    #[arg(short, long)]
    pub follow: bool,
    /// Only this try, from 0 [default: all].
    #[arg(long, value_name = "N")]
    pub attempt: Option<u32>,
    /// Put the time before each line.
    #[arg(long)]
    pub timestamps: bool,
}

/// How a run is asked to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Grace {
    /// End what runs, then run `finally`.
    #[value(name = "CancelledRunFinally")]
    CancelledRunFinally,
    /// Let what runs end, start nothing more, then run `finally`.
    #[value(name = "StoppedRunFinally")]
    StoppedRunFinally,
}

/// Cancel a run, from any terminal.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  stepwell cancel
  stepwell cancel abcd --grace CancelledRunFinally
  stepwell cancel nightly --grace StoppedRunFinally")]
pub struct CancelArgs {
    /// A run's id, the beginning of one, or its object's name; the newest run when left out.
    #[arg(value_name = "RUN")]
    pub run: Option<String>,
    /// Still run `finally`; without it everything ends at once.
    #[arg(long, value_name = "MODE", ignore_case = true)]
    pub grace: Option<Grace>,
}

/// Copy a workspace of a run, or a part of it, to a folder.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  stepwell get abcd source ./out
  stepwell get nightly source/dist/app.js ./app.js")]
pub struct GetArgs {
    /// A run's id, the beginning of one, or its object's name.
    #[arg(value_name = "RUN")]
    pub run: String,
    /// The workspace, and a path within it.
    #[arg(value_name = "WORKSPACE[/PATH]")]
    pub from: String,
    /// Where it goes.
    #[arg(value_name = "DEST", value_hint = ValueHint::AnyPath)]
    pub dest: PathBuf,
}

/// Look at modules.
#[derive(Debug, Subcommand)]
pub enum ModuleCommand {
    Inspect(InspectArgs),
}

/// Say what a module is, what it imports, and so may ask for.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  stepwell module inspect ./compile.wasm
  stepwell module inspect builtin:digest --output json")]
pub struct InspectArgs {
    /// A module as a step's `image` names it: ./FILE.wasm or builtin:NAME.
    #[arg(value_name = "MODULE", value_hint = ValueHint::FilePath)]
    pub module: String,
}

/// Look after the cache directory.
#[derive(Debug, Subcommand)]
pub enum CacheCommand {
    Stats(CacheStatsArgs),
    Gc(CacheGcArgs),
    Verify(CacheVerifyArgs),
}

/// Say what the cache holds, and the room that it takes.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  stepwell cache stats
  stepwell cache stats --output json")]
pub struct CacheStatsArgs {}

/// Remove what is of no use any more: what was not used for long, then what was used longest ago until the rest has room.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  stepwell cache gc
  stepwell cache gc --max-size 5Gi --max-age 7d
  stepwell cache gc --max-size 0 --dry-run")]
pub struct CacheGcArgs {
    /// Most bytes that stay, such as 500Mi or 5Gi; what was used in the last hour, or by a run that goes on, stays all the same.
    #[arg(long, value_name = "SIZE", default_value = "20Gi", value_parser = size)]
    pub max_size: u64,
    /// How long something stays that nobody uses, such as 12h or 7d.
    #[arg(long, value_name = "AGE", default_value = "30d", value_parser = age)]
    pub max_age: Duration,
    /// Say what would go, and remove nothing.
    #[arg(long)]
    pub dry_run: bool,
}

/// Read all of the cache, and remove what is damaged.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  stepwell cache verify
  stepwell cache verify --output json")]
pub struct CacheVerifyArgs {}

/// Look whether this machine has what runs need.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  stepwell doctor
  stepwell doctor --output json")]
pub struct DoctorArgs {}

/// Print a completion script for a shell.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  stepwell completions bash > ~/.local/share/bash-completion/completions/stepwell
  stepwell completions zsh > ~/.zfunc/_stepwell
  stepwell completions fish > ~/.config/fish/completions/stepwell.fish")]
pub struct CompletionsArgs {
    /// The shell.
    #[arg(value_name = "SHELL")]
    pub shell: clap_complete::Shell,
}

/// `NAME=VALUE`; the name is not empty, the value may be.
fn key_value(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        Some(_) | None => Err("write it as NAME=VALUE".to_owned()),
    }
}

/// A number of bytes, as Kubernetes writes quantities.
fn size(text: &str) -> Result<u64, String> {
    let wrong = || "write it as a number of bytes, such as 500Mi or 5Gi".to_owned();
    crate::model::quantity::bytes(&serde_json::Value::String(text.to_owned())).ok_or_else(wrong)
}

/// A duration as Go writes it, or a number of days.
fn age(text: &str) -> Result<Duration, String> {
    let days = text.strip_suffix('d').and_then(|days| days.parse::<u32>().ok());
    let other = || crate::model::duration::Duration::parse(text).and_then(|time| u64::try_from(time.0).ok());
    let time = days.map(|days| Duration::from_secs(u64::from(days) * 24 * 60 * 60));
    time.or_else(|| other().map(Duration::from_nanos)).ok_or_else(|| "write it as 90m, 12h or 7d".to_owned())
}

fn after_help() -> String {
    format!(
        "Examples:
  stepwell run -f pipeline.yaml
  stepwell check -f pipeline.yaml
  stepwell show
  stepwell logs -f

{}",
        super::exit::Exit::table()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_grammar_holds_and_every_command_shows_examples() {
        let command = Cli::command();
        command.clone().debug_assert();
        let mut left = vec![command];
        while let Some(mut command) = left.pop() {
            let is_leaf = !command.has_subcommands();
            if is_leaf {
                let help = command.render_long_help().to_string();
                assert!(help.contains("Examples:\n  stepwell "), "{help}");
            }
            left.extend(command.get_subcommands().cloned());
        }
    }

    #[test]
    fn pairs_need_a_name() {
        assert_eq!(key_value("a=b=c"), Ok(("a".into(), "b=c".into())));
        assert_eq!(key_value("a="), Ok(("a".into(), String::new())));
        assert!(key_value("=b").is_err() && key_value("a").is_err());
    }

    #[test]
    fn sizes_and_ages_are_what_people_write() {
        let sizes = [("0", Some(0)), ("20Gi", Some(20 << 30)), ("1.5Ki", Some(1536)), ("2M", Some(2_000_000))];
        for (text, bytes) in sizes.into_iter().chain([("", None), ("much", None), ("-1", None), ("5 Gi", None)]) {
            assert_eq!(size(text).ok(), bytes, "{text}");
        }
        let ages = [("0", Some(0)), ("30d", Some(2_592_000)), ("12h", Some(43_200)), ("1h30m", Some(5400))];
        for (text, seconds) in ages.into_iter().chain([("", None), ("d", None), ("-1h", None), ("7", None)]) {
            assert_eq!(age(text).ok().map(|age| age.as_secs()), seconds, "{text}");
        }
    }
}
