//! One case a rule: what Tekton's admission says about an object, and what it lets pass.

use super::{read_text, words};
use crate::model::diagnostic::Severity;

const TASK: &str = "apiVersion: tekton.dev/v1\nkind: Task\nmetadata: {name: t}\nspec:\n";
const PIPELINE: &str = "apiVersion: tekton.dev/v1\nkind: Pipeline\nmetadata: {name: p}\nspec:\n";
const STEPS: &str = "steps: [{name: s, image: i, script: x}]";

/// Every case is refused, with these words of Tekton's among the reasons.
pub(super) fn refused(head: &str, cases: &[(&str, &str)]) {
    for (spec, wanted) in cases {
        let spec: String = spec.replace("STEPS", STEPS).lines().map(|l| format!("  {l}\n")).collect();
        let (_, diagnostics) = read_text(&format!("{head}{spec}"));
        let said = words(&diagnostics);
        assert!(said.iter().any(|w| w.contains(wanted)), "{spec}: wanted {wanted:?}, found {said:#?}");
        for diagnostic in diagnostics.list() {
            assert!(diagnostic.span.is_some() && !diagnostic.help.is_empty(), "{diagnostic:?}");
        }
    }
}

/// Every case is admitted; a warning's code is named where there is one.
pub(super) fn admitted(head: &str, cases: &[(&str, &str)]) {
    for (spec, code) in cases {
        let spec: String = spec.replace("STEPS", STEPS).lines().map(|l| format!("  {l}\n")).collect();
        let (_, diagnostics) = read_text(&format!("{head}{spec}"));
        let errors: Vec<_> = diagnostics.list().iter().filter(|d| d.severity == Severity::Error).collect();
        assert!(errors.is_empty(), "{spec}: {errors:#?}");
        let warned: Vec<&str> = diagnostics.list().iter().map(|d| d.code.as_str()).collect();
        assert_eq!(warned, code.split_whitespace().collect::<Vec<_>>(), "{spec}");
    }
}

/// What Tekton refuses, and the words in which it does.
const REFUSED_TASKS: &[(&str, &str)] = &[
    (
        "steps: [{name: s, image: i, computeResources: {limits: {cpu: abc}}}]",
        "quantities must match the regular expression",
    ),
    (
        "STEPS\nsidecars: [{name: c, image: i, computeResources: {requests: {memory: 1Gb}}}]",
        "quantities must match the regular expression",
    ),
    ("steps: []", "missing field(s): spec.steps"),
    ("steps: [{name: a, image: i}, {name: a, image: i}]", "expected exactly one, got both: spec.steps[1].name"),
    (
        "stepTemplate: {command: [x]}\nsteps: [{name: a, image: i, script: z}]",
        "script cannot be used with command: spec.steps[0].script",
    ),
    (
        "steps: [{ref: {name: a}, image: i, script: x, command: [a], args: [a], workingDir: /, env: [{name: a}]}]",
        "working dir cannot be used with Ref",
    ),
    ("steps: [{ref: {name: a}, results: [{name: r}]}]", "results cannot be used with Ref: spec.steps[0].results"),
    ("steps: [{ref: {}}]", "missing field(s): spec.steps[0].name"),
    ("steps: [{ref: {name: a, resolver: git}}]", "invalid URI for request: spec.steps[0].name"),
    ("steps: [{ref: {params: [{name: a, value: b}]}}]", "missing field(s): spec.steps[0].resolver"),
    ("steps: [{ref: {name: 'not ok'}}]", "name part must consist of alphanumeric characters"),
    ("steps: [{image: i, timeout: -1s}]", "invalid value: -1s"),
    (
        "steps: [{image: i, volumeMounts: [{name: tekton-internal-x, mountPath: /a}]}]",
        "cannot start with \"tekton-internal-\"",
    ),
    (
        "steps: [{image: i, script: 'echo $(steps.a.results.r)'}]",
        "stepResult substitutions are only allowed in env, command and args. Found usage in: spec.steps[0].script",
    ),
    ("steps: [{image: '$(steps.a.outputs.r)'}]", "stepArtifact substitutions are only allowed"),
    ("STEPS\nsidecars: [{name: c}]", "missing field(s): spec.sidecars.image"),
    (
        "STEPS\nsidecars: [{name: c, image: i, script: x, command: [z]}]",
        "script cannot be used with command: spec.sidecars.script",
    ),
    ("STEPS\nworkspaces: [{name: w}, {name: w}]", "workspace name \"w\" must be unique: spec.workspaces[1].name"),
    (
        "workspaces: [{name: w, mountPath: /x/}]\nsteps: [{image: i, volumeMounts: [{name: v, mountPath: /x}]}]",
        "workspace mount path \"/x\" must be unique",
    ),
    (
        "STEPS\nsidecars: [{name: c, image: i, workspaces: [{name: w}]}]",
        "undefined workspace \"w\": spec.sidecars[0].workspaces[0].name",
    ),
    ("STEPS\nparams: [{name: a, type: strin}]", "invalid value: strin: spec.params.a.type"),
    (
        "STEPS\nparams: [{name: 1a}]",
        "The format of following array and string variable names is invalid: [1a]: spec.params",
    ),
    (
        "STEPS\nparams: [{name: a.b, properties: {x: {type: string}}}]",
        "Object param name and key name format is invalid",
    ),
    (
        "STEPS\nparams: [{name: a, properties: {x: {type: array}}}]",
        "The value type specified for these keys [x] is invalid: spec.params.a.properties",
    ),
    (
        "STEPS\nparams: [{name: a, type: array, enum: [x]}]",
        "enum can only be set with string type param: spec.params[a]",
    ),
    ("STEPS\nparams: [{name: a, enum: [x], default: z}]", "param default value z not in the enum list: spec.params[a]"),
    (
        "steps: [{image: i, args: ['$(params.a)', '$(params.b[*])']}]\nparams: [{name: a}]",
        "non-existent variable in \"$(params.b[*])\": spec.steps[0].args[1]",
    ),
    (
        "stepTemplate: {image: '$(params.x)'}\nsteps: [{name: a}]",
        "non-existent variable in \"$(params.x)\": spec.steps[0].image",
    ),
    ("steps: [{image: i, env: [{name: E, value: $(params.x)}]}]", "spec.steps[0].env[E]"),
    (
        "steps: [{image: i, script: $(params.a)}]\nparams: [{name: a, type: array}]",
        "variable type invalid in \"$(params.a)\": spec.steps[0].script",
    ),
    (
        "steps: [{image: i, script: $(params.o.z)}]\nparams: [{name: o, properties: {k: {}}}]",
        "non-existent variable in \"$(params.o.z)\": spec.steps[0].script",
    ),
    (
        "steps: [{image: i, script: $(params.o.k.l)}]\nparams: [{name: o, properties: {k: {}}}]",
        "Only two dot-separated components after the prefix",
    ),
    (
        "steps: [{image: i, script: $(context.taskRun.nope)}]",
        "non-existent variable in \"$(context.taskRun.nope)\": spec.steps[0].script",
    ),
    ("steps: [{image: i, script: $(context.task.nope)}]", "non-existent variable in"),
    (
        "steps: [{image: i, script: $(results.r.path)}]",
        "non-existent variable in \"$(results.r.path)\": spec.steps[0].script",
    ),
    ("steps: [{image: i, script: $(step.results.q.path), results: [{name: r}]}]", "non-existent variable in"),
    ("STEPS\nresults: [{name: r, type: nope}]", "invalid value: nope: spec.results[0].type\ntype must be string"),
    (
        "STEPS\nresults: [{name: r, value: [a]}]",
        "Invalid Type. Wanted string but got: \"array\": spec.results[0].r.type",
    ),
    ("STEPS\nresults: [{name: r, value: text}]", "Could not extract step name and result name."),
    ("STEPS\nresults: [{name: r, value: $(steps.A_B.results.r)}]", "invalid extracted step name \"A_B\""),
    ("steps: [{image: i, results: [{name: '-'}]}]", "invalid key name \"-\": spec.steps.results[0][0].name"),
    (
        "steps: [{image: i, when: [{input: a, operator: is, values: [b]}]}]",
        "operator \"is\" is not recognized. valid operators: in,notin",
    ),
    (
        "steps: [{image: i, when: [{input: a, operator: in}]}]",
        "expecting non-empty values field: spec.steps[0].when[0]",
    ),
    ("steps: [{image: i, when: [{}]}]", "missing field(s): spec.steps[0].when[0]"),
    ("steps: [{image: i, when: [{cel: 'x == 1'}]}]", "undeclared reference to 'x'"),
    (
        "steps: [{image: i, when: [{cel: \"'a'=='a'\", input: x}]}]",
        "cel and input+operator+values cannot be set in one WhenExpression",
    ),
    ("STEPS\nresources: {}", "strict decoding error: unknown field \"spec.resources\""),
];

#[test]
fn tasks_are_refused_for_tektons_reasons() {
    refused(TASK, REFUSED_TASKS);
}

#[test]
fn tasks_are_admitted_as_tekton_admits_them() {
    admitted(
        TASK,
        &[
            ("stepTemplate: {image: i}\nsteps: [{name: a}]", ""),
            ("steps: [{image: i, script: '$(inputs.params.x) $$(foo) ${BAR} $(workspaces.w.path)'}]", ""),
            (
                "steps: [{image: i, args: ['$(params.a)', '$(params.a[*])', '$(params.a[0])x'], script: '$(params.a[1])'}]\nparams: [{name: a, type: array}]",
                "",
            ),
            (
                "steps: [{image: i, script: '$(params[\"a.b\"]) $(params.o.k)'}]\nparams: [{name: a.b}, {name: o, properties: {k: {}}}]",
                "",
            ),
            (
                "steps: [{image: i, onError: $(params.e), timeout: '0', command: [c], args: [a]}]\nparams: [{name: e}]",
                "",
            ),
            ("steps: [{image: i, volumeMounts: [{name: v, mountPath: /tekton/home/x}]}]", ""),
            (
                "steps: [{name: a, image: i, when: [{cel: \"[1, 2].all(x, x > 0) && '$(params.p)'.startsWith('a')\"}]}]\nparams: [{name: p}]",
                "",
            ),
            (
                "steps: [{image: i, env: [{name: a, value: $(steps.x.results.r)}]}]\nresults: [{name: r, value: $(steps.x.results.r)}]",
                "",
            ),
            (
                "steps: [{image: i, script: $(workspaces.x.path)}]\nworkspaces: [{name: w}]",
                "unknown-workspace-variable",
            ),
            ("steps: [{image: i, script: $(step.results.r.path)}]", "undeclared-step-result"),
        ],
    );
}

/// What Tekton refuses, and the words in which it does.
const REFUSED_PIPELINES: &[(&str, &str)] = &[
    (
        "{}",
        "expected at least one, got none: spec.description, spec.params, spec.resources, spec.tasks, spec.workspaces",
    ),
    (
        "tasks: [{name: a, taskRef: {name: t}}]\nfinally: [{name: a, taskRef: {name: t}}]",
        "expected exactly one, got both: spec.finally[0].name",
    ),
    (
        "tasks: [{name: a, taskRef: {name: t}, runAfter: [a]}]",
        "cycle detected; task \"a\" depends on \"a\": spec.tasks",
    ),
    (
        "tasks: [{name: a, taskRef: {apiVersion: x/v1, kind: K, name: t}}, {name: b, taskRef: {kind: K, name: t}}]",
        "custom task ref must specify apiVersion: spec.tasks[1].taskRef.apiVersion",
    ),
    (
        "tasks: [{name: a, taskRef: {apiVersion: x, kind: K}}]",
        "invalid apiVersion format \"x\", must be in the format \"group/version\"",
    ),
    (
        "tasks: [{name: a, taskSpec: {apiVersion: x/v1, kind: K, STEPS}}]",
        "taskSpec.apiVersion cannot be specified when using taskSpec.steps: spec.tasks[0].taskSpec.apiVersion",
    ),
    ("tasks: [{name: a, taskRef: {name: t, bundle: b}}]", "unknown field \"spec.tasks[0].taskRef.bundle\""),
    ("tasks: [{name: a, taskRef: {}}]", "missing field(s): spec.tasks[0].taskRef.name"),
    ("tasks: [{name: a, taskRef: {name: $(params.x)}}]\nparams: [{name: x}]", "spec.tasks[0].taskRef.name"),
    (
        "tasks: [{name: a, taskRef: {name: t}, params: [{name: x, value: $(params.l)}]}]\nparams: [{name: l, type: array}]",
        "variable type invalid in \"$(params.l)\": spec.tasks[0].params[x]",
    ),
    (
        "tasks: [{name: a, taskRef: {name: t}, params: [{name: x, value: ['a $(params.l[*])']}]}]\nparams: [{name: l, type: array}]",
        "variable is not properly isolated in \"a $(params.l[*])\": spec.tasks[0].params[x].value[0]",
    ),
    (
        "tasks: [{name: a, taskRef: {name: t}, params: [{name: x, value: {k: $(params.z)}}]}]",
        "spec.tasks[0].params[x].properties[k]",
    ),
    (
        "tasks: [{name: a, taskRef: {name: t}, params: [{name: x, value: '$(params.z[*])'}]}]",
        "non-existent variable in \"$(params.z[*])\": spec.tasks[0].params[x]",
    ),
    (
        "tasks: [{name: a, taskRef: {name: t}, when: [{input: $(params.z), operator: in, values: [v]}]}]",
        "spec.tasks[0].when[0].input",
    ),
    (
        "tasks: [{name: a, taskRef: {name: t}, when: [{input: v, operator: in, values: [$(params.z)]}]}]",
        "spec.tasks[0].when[0].values",
    ),
    (
        "tasks: [{name: a, taskRef: {name: t}, params: [{name: x, value: $(context.pipelineRun.nope)}]}]",
        "non-existent variable in \"$(context.pipelineRun.nope)\": spec.tasks.value",
    ),
    (
        "tasks: [{name: a, taskRef: {name: t}, params: [{name: x, value: $(foo.bar)}]}]",
        "invalid variable reference \"$(foo.bar)\", must start with a valid prefix: params, tasks, finally, context, workspaces, or results; if you meant a shell variable, use ${VAR} instead: spec.tasks[0].params[x].value",
    ),
    (
        "tasks: [{name: a, taskRef: {name: t}}]\nfinally: [{name: f, taskRef: {name: t}, params: [{name: x, value: $(tasks.z.status)}]}]",
        "pipeline task z is not defined in the pipeline: spec.finally[0].params[x].value",
    ),
    (
        "tasks: [{name: a, taskRef: {name: t}}]\nfinally: [{name: f, taskRef: {name: t}, when: [{input: $(tasks.z.results.r), operator: in, values: [v]}]}]",
        "final task has task result reference from a task z which is not defined in the pipeline: spec.finally[0].when[0]",
    ),
    (
        "tasks: [{name: a, taskRef: {name: t}, when: [{input: $(tasks.status), operator: in, values: [v]}]}]",
        "pipeline tasks can not refer to execution status",
    ),
    (
        "tasks: [{name: a, taskRef: {name: t}}]\nresults: [{name: r, value: text}]",
        "expected pipeline results to be task result expressions but no expressions were found: spec.results[0].value",
    ),
    (
        "tasks: [{name: a, taskRef: {name: t}}]\nresults: [{name: r, value: $(params.x)}]",
        "but an invalid expressions was found",
    ),
    (
        "tasks: [{name: a, taskRef: {name: t}}]\nresults: [{name: r, value: $(tasks.z.results.r)}]",
        "referencing a nonexistent task: spec.results[0].value",
    ),
    (
        "tasks: [{name: a, taskRef: {name: t}}]\nresults: [{name: r, value: x-$(tasks.a.results.r)}]",
        "referencing a nonexistent task: spec.results[0].value",
    ),
    (
        "tasks: [{name: a, taskRef: {name: t}, matrix: {params: [{name: x, value: [a]}, {name: x, value: [b]}]}}]",
        "spec.tasks[0].matrix.params[1].name",
    ),
    (
        "tasks: [{name: a, taskRef: {name: t}, matrix: {include: [{params: [{name: x, value: a}, {name: x, value: b}]}]}}]",
        "spec.tasks[0].matrix.include[0].params[1].name",
    ),
    (
        "tasks: [{name: a, taskRef: {name: t}, matrix: {params: [{name: x, value: [a]}]}}, {name: b, taskRef: {name: t}, params: [{name: x, value: $(tasks.a.results.r)}]}]",
        "A matrixed pipelineTask can only be consumed in aggregate using [*] notation, but is currently set to tasks.a.results.r",
    ),
    (
        "tasks: [{name: a, taskSpec: {results: [{name: r, type: array}], STEPS}, matrix: {params: [{name: x, value: [a]}]}}, {name: b, taskRef: {name: t}, params: [{name: x, value: '$(tasks.a.results.r[*])'}]}]",
        "must have an underlying type string, but result r has type array in pipelineTask",
    ),
    (
        "tasks: [{name: a, pipelineRef: {name: q}}, {name: b, taskRef: {name: t}, params: [{name: x, value: $(tasks.a.results.r)}]}]",
        "result reference to pipelineTask \"a\" is not supported",
    ),
    (
        "workspaces: [{description: d}]\ntasks: [{name: a, taskRef: {name: t}}]",
        "workspace 0 has empty name: spec.workspaces[0]",
    ),
    (
        "workspaces: [{name: w}]\ntasks: [{name: a, taskRef: {name: t}, workspaces: [{name: w}, {name: w}]}]",
        "workspace name \"w\" must be unique: spec.tasks[0].workspaces[1]",
    ),
    (
        "tasks: [{name: a, taskSpec: {steps: [{image: i, script: $(params.z)}]}}]",
        "non-existent variable in \"$(params.z)\": spec.tasks[0].steps[0].script",
    ),
    (
        "tasks: [{name: a, pipelineSpec: {tasks: [{name: B, taskRef: {name: t}}]}}]",
        "invalid value \"B\": spec.tasks[0].pipelineSpec.tasks[0].name",
    ),
    ("tasks: [{name: a, taskSpec: {steps: [{image: i}], stepz: []}}]", "json: unknown field \"stepz\""),
];

#[test]
fn pipelines_are_refused_for_tektons_reasons() {
    refused(PIPELINE, REFUSED_PIPELINES);
}

#[test]
fn pipelines_are_admitted_as_tekton_admits_them() {
    admitted(
        PIPELINE,
        &[
            ("description: x", "no-tasks"),
            (
                "params: [{name: l, type: array}, {name: o, properties: {k: {}}}]\ntasks: [{name: a, taskRef: {name: t}, params: [{name: x, value: '$(params.l[*])'}, {name: w, value: '$(params.o[*])'}, {name: z, value: ['$(params.l[*])', b, '$(params.l[0])']}], when: [{input: '$(params.o.k)', operator: in, values: ['$(params.l[*])']}]}]",
                "",
            ),
            (
                "tasks: [{name: a, taskRef: {name: t}}, {name: b, taskRef: {name: t}, params: [{name: x, value: $(tasks.a.results.r)-$(context.pipelineRun.name)}]}]\nfinally: [{name: f, taskRef: {name: t}, params: [{name: s, value: $(tasks.status)$(tasks.a.status)$(tasks.a.reason)}]}]\nresults: [{name: r, value: $(tasks.a.results.r)}, {name: q, value: $(finally.f.results.q)}]",
                "",
            ),
            (
                "tasks: [{name: a, onError: continue, taskRef: {name: t}}, {name: b, onError: $(params.e), retries: 1, taskRef: {name: t}}]\nparams: [{name: e}]",
                "",
            ),
            ("tasks: [{name: a, taskRef: {resolver: git, params: [{name: url, value: x}]}}]", ""),
            (
                "tasks: [{name: a, taskRef: {apiVersion: x.dev/v1, kind: K, name: k}}, {name: b, taskSpec: {apiVersion: x.dev/v1, kind: K, spec: {anything: [1]}}}]",
                "",
            ),
            ("tasks: [{name: a, taskRef: {name: t}, matrix: {params: [{name: x, value: text}]}}]", "matrix-string"),
            (
                "tasks: [{name: a, taskRef: {name: t}, params: [{name: x, value: $(context.pipelineRun.nope)}]}, {name: b, taskRef: {name: t}}]",
                "unknown-context-variable",
            ),
            (
                "tasks: [{name: a, taskSpec: {STEPS}}, {name: b, taskRef: {name: t}, params: [{name: x, value: $(tasks.a.results.r)}]}]",
                "undeclared-result",
            ),
        ],
    );
}
