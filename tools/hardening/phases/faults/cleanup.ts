/** What is to be ended when a phase is over, however it ends. */
export class Cleanup {
  private readonly tasks: (() => Promise<void>)[] = [];

  add(task: () => Promise<void>): void {
    this.tasks.push(task);
  }

  /** The newest first, each once, whether or not others fail. @throws Error the first that failed */
  async run(): Promise<void> {
    const failures: unknown[] = [];
    for (let task = this.tasks.pop(); task; task = this.tasks.pop())
      await task().catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  }
}
