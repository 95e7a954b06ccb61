//! Text to Plan: whatever the text, reading and planning end without a panic, every diagnostic
//! has words, and a plan's edges lead to tasks that are there. Knows no particular input.

#![no_main]

use libfuzzer_sys::fuzz_target;
use stepwell_fuzz::model::plan::{PipelinePlan, Resolved, Root, TaskBody};
use stepwell_fuzz::spec::{ObjectSet, Source, may_quote, read};

fn check(plan: &Resolved<PipelinePlan>) {
    let Resolved::Found(plan) = plan else { return };
    for task in &plan.tasks {
        for edge in task.parents.iter().chain(&task.result_parents).chain(&task.children) {
            assert!((edge.0 as usize) < plan.tasks.len(), "an edge leads out of the plan");
        }
        if let TaskBody::Pipeline(inner) = &task.body {
            check(inner);
        }
    }
}

fuzz_target!(|text: &[u8]| {
    let (set, diagnostics) = read(&[Source { name: "fuzz.yaml".to_owned(), text: text.to_vec() }]);
    for diagnostic in diagnostics.list() {
        assert!(!diagnostic.message.is_empty() && !diagnostic.code.is_empty());
        if let (Some(span), Ok(text)) = (diagnostic.span, std::str::from_utf8(text)) {
            assert!(span.line > 0 && span.column > 0, "places count from 1");
            may_quote(text, span.line);
        }
    }
    for run in &set.runs {
        if let Root::Pipeline { pipeline, .. } = &set.plan(run, "name", "uid").root {
            check(pipeline);
        }
        set.cannot_run(run, &|_, _| Err("no executor".to_owned()));
    }
    // A journal holds the documents: reading them again finds the same objects.
    let (again, _) = ObjectSet::from_documents(set.sources.clone(), set.documents.clone());
    assert_eq!((again.runs.len(), again.tasks.len()), (set.runs.len(), set.tasks.len()));
});
