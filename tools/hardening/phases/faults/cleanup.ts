/** Collects what must be ended when a phase is over, however it ends. */
export class Cleanup {
  private readonly tasks: (() => Promise<void>)[] = [];

  addTask(task: () => Promise<void>): void {
    this.tasks.push(task);
  }

  /** Runs each task once, newest first, even if others fail. @throws the first failure, after all tasks have run */
  async runTasks(): Promise<void> {
    const failures: unknown[] = [];
    for (let task = this.tasks.pop(); task; task = this.tasks.pop())
      await task().catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  }
}
