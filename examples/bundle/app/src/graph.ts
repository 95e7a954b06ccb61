export interface Task {
    name: string;
    runAfter?: string[];
}

/** Groups tasks by when they can start: all of one group may run at once. */
export function layers(tasks: Task[]): string[][] {
    const done = new Set<string>();
    const result: string[][] = [];
    let left = tasks;
    while (left.length > 0) {
        const ready = left.filter((task) => (task.runAfter ?? []).every((name) => done.has(name)));
        if (ready.length === 0) throw new Error(`a cycle among ${left.map((task) => task.name).join(", ")}`);
        for (const task of ready) done.add(task.name);
        result.push(ready.map((task) => task.name));
        left = left.filter((task) => !done.has(task.name));
    }
    return result;
}
