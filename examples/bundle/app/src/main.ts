import { layers, type Task } from "./graph";
import tasks from "./tasks.json";

const text = layers(tasks as Task[])
    .map((names, index) => `${index + 1}. ${names.join(", ")}`)
    .join("\n");

if (typeof document === "undefined") {
    console.log(text);
} else {
    document.querySelector("pre")!.textContent = text;
}
