//! One case a rule for runs and StepActions, as `rules` has them for tasks and pipelines.

use super::rules::{admitted, refused};

const PIPELINE_RUN: &str = "apiVersion: tekton.dev/v1\nkind: PipelineRun\nmetadata: {name: r}\nspec:\n";
const TASK_RUN: &str = "apiVersion: tekton.dev/v1\nkind: TaskRun\nmetadata: {name: r}\nspec:\n";
const STEP_ACTION: &str = "apiVersion: tekton.dev/v1beta1\nkind: StepAction\nmetadata: {name: a}\nspec:\n";

/// What Tekton refuses, and the words in which it does.
const REFUSED_RUNS: &[(&str, &str)] = &[
    (
        "pipelineRef: {name: p}\nstatus: Stop",
        "Stop should be Cancelled, CancelledRunFinally, StoppedRunFinally or PipelineRunPending: spec.status",
    ),
    (
        "pipelineRef: {name: p}\ntimeouts: {finally: 2h}",
        "invalid value: 2h0m0s should be <= pipeline duration: spec.timeouts.finally",
    ),
    (
        "pipelineRef: {name: p}\ntimeouts: {tasks: '0'}",
        "invalid value: 0s (no timeout) should be <= pipeline duration: spec.timeouts.tasks",
    ),
    (
        "pipelineRef: {name: p}\ntaskRunSpecs: [{pipelineTaskName: a, timeout: 2h}]",
        "2h0m0s should be <= pipeline duration 1h0m0s: spec.taskRunSpecs[0].timeout",
    ),
    (
        "pipelineRef: {name: p}\ntimeouts: {tasks: 5m}\ntaskRunSpecs: [{pipelineTaskName: a, timeout: 6m}]",
        "6m0s should be <= pipeline tasks duration 5m0s",
    ),
    (
        "pipelineRef: {name: p}\ntaskRunSpecs: [{pipelineTaskName: a, stepSpecs: [{name: s}, {name: S}]}]",
        "expected exactly one, got both: spec.taskRunSpecs[0].stepSpecs[1].name",
    ),
    (
        "pipelineRef: {name: p}\nparams: [{name: a, value: $(tasks.a.results.r)}]",
        "cannot use result expressions in [tasks.a.results.r] as PipelineRun parameter values: spec.params[a].value",
    ),
    (
        "pipelineRef: {name: p}\nworkspaces: [{name: w, emptyDir: {}}, {name: w, emptyDir: {}}]",
        "workspace \"w\" provided by pipelinerun more than once, at index 0 and 1: spec.workspaces[1].name",
    ),
    (
        "pipelineRef: {name: p}\nworkspaces: [{name: w, persistentVolumeClaim: {}}]",
        "missing field(s): spec.workspaces[0].persistentvolumeclaim.claimname",
    ),
    (
        "pipelineRef: {name: p}\nworkspaces: [{name: w, projected: {}}]",
        "missing field(s): spec.workspaces[0].projected.sources",
    ),
    ("pipelineRef: {name: p}\nworkspaces: [{name: w, csi: {}}]", "missing field(s): spec.workspaces[0].csi.driver"),
    ("pipelineRef: {name: p}\nworkspaces: [{}]", "missing field(s): spec.workspaces[0]"),
    ("pipelineRef: {name: p, kind: Pipeline}", "unknown field \"spec.pipelineRef.kind\""),
    (
        "pipelineSpec: {tasks: [{name: a, taskSpec: {steps: [{image: i, script: $(params.z)}]}}]}",
        "non-existent variable in \"$(params.z)\": spec.steps[0].script",
    ),
    (
        "params: [{name: a, value: [x]}]\npipelineSpec: {tasks: [{name: a, taskSpec: {steps: [{image: i, script: $(params.a)}]}}]}",
        "variable type invalid in \"$(params.a)\": spec.steps[0].script",
    ),
    (
        "params: [{name: o, value: {k: v}}]\npipelineSpec: {params: [{name: o, type: object}], tasks: [{name: a, taskSpec: {STEPS}}]}",
        "missing field(s): spec.o.properties",
    ),
];

/// More of them, in other objects.
const REFUSED_TASK_RUNS: &[(&str, &str)] = &[
    ("taskRef: {name: t}\nstatus: Cancelled", "Cancelled should be TaskRunCancelled or TaskRunPending: spec.status"),
    (
        "taskRef: {name: t}\nstatusMessage: m",
        "statusMessage should not be set if status is not set, but it is currently set to m: spec.statusMessage",
    ),
    ("taskRef: {name: t}\nretries: -1", "-1 should be >= 0: spec.retries"),
    ("taskRef: {name: t}\ntimeout: -1s", "-1s should be >= 0: spec.timeout"),
    ("taskRef: {name: t}\nstepSpecs: [{computeResources: {}}]", "missing field(s): spec.stepSpecs[0].name"),
    (
        "taskRef: {name: t}\ncomputeResources: {requests: {cpu: 1}}\nstepSpecs: [{name: s, computeResources: {requests: {cpu: 1}}}]",
        "expected exactly one, got both: spec.computeResources, spec.stepSpecs.resources",
    ),
    (
        "taskRef: {name: t}\ndebug: {breakpoints: {beforeSteps: [a, a]}}",
        "before step must be unique, the same step: a is defined multiple times at: spec.debug.breakpoints.beforeSteps[1]",
    ),
    (
        "taskRef: {name: t}\nworkspaces: [{name: w, emptyDir: {}}, {name: W, emptyDir: {}}]",
        "expected exactly one, got both: spec.workspaces[1].name",
    ),
    (
        "taskSpec: {steps: [{image: i, script: $(params.z)}]}",
        "non-existent variable in \"$(params.z)\": spec.steps[0].script",
    ),
];

#[test]
fn runs_are_refused_for_tektons_reasons() {
    refused(PIPELINE_RUN, REFUSED_RUNS);
    refused(TASK_RUN, REFUSED_TASK_RUNS);
    admitted(
        TASK_RUN,
        &[
            ("params: [{name: z, value: v}]\ntaskSpec: {steps: [{image: i, script: $(params.z)}]}", ""),
            ("timeout: '0'\nretries: 2\ntaskSpec: {STEPS}", ""),
        ],
    );
}

#[test]
fn step_actions_are_refused_for_tektons_reasons() {
    refused(
        STEP_ACTION,
        &[
            ("{script: x}", "missing field(s): spec.Image"),
            (
                "{image: i, script: $(params.a), params: [{name: a}]}",
                "param substitution in scripts is not allowed.: spec.script",
            ),
            (
                "{image: i, volumeMounts: [{name: v, mountPath: /x}]}",
                "invalid value: v: spec.volumeMounts[0].name\nexpect the Name to be a single param reference",
            ),
            (
                "{image: i, volumeMounts: [{name: $(params.v), mountPath: /x}]}",
                "non-existent variable in \"$(params.v)\": spec.volumeMounts[0]",
            ),
            ("{image: i, args: [$(params.z)]}", "non-existent variable in \"$(params.z)\": spec.args[0]"),
            ("{image: i, script: $(results.r.path)}", "non-existent variable in \"$(results.r.path)\": spec.script"),
            ("{image: i, results: [{name: r, type: object}]}", "missing field(s): spec.results[0].r.properties"),
        ],
    );
    admitted(
        STEP_ACTION,
        &[(
            "{image: i, env: [{name: A, value: $(params.a)}], script: 'echo $A', params: [{name: a}, {name: v}], volumeMounts: [{name: $(params.v), mountPath: /x}]}",
            "",
        )],
    );
}
