//! Uses the world of wit/: sets each of its task's results from the param of the same name. Built as a core module;
//! the tests make a component of it as well.

wit_bindgen::generate!({ path: "../../../wit", world: "step" });

use stepwell::step::{log, modes, params, progress, results};

fn main() {
    let names = params::names();
    for (done, name) in names.iter().enumerate() {
        progress::report("params", Some(done as u64), Some(names.len() as u64));
        let value = params::get(name).expect("is a param");
        results::set(name, &value).expect("is a result");
    }
    let argument = std::env::args().nth(1).unwrap_or_default();
    if let Err(refusal) = results::set("nothing", &params::Value::Text("x".into())) {
        let fields = [("why".into(), refusal.name().into()), ("argument".into(), argument)];
        log::write(log::Level::Info, "refused", &fields);
    }
    let path = "/tekton/results/text";
    modes::set_mode(path, true, 0o750).expect("has a mode");
    let mode = modes::get_mode(path, true).expect("has a mode");
    let here = std::env::var("PWD").expect("is set");
    println!("{mode:o} {here} {}", std::fs::read_to_string(path).expect("is written"));
}
