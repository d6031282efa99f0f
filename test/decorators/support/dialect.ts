let isStandard = false;
const look = (...on: any[]): void => {
  isStandard = typeof on[1] === 'object';
};
class Probe {
  @(look as any)
  run(): void {}
}
void Probe;

/** `Shop.order` in the legacy dialect. Standard decorators are applied before there is a class, and know only `order`. */
export function named(className: string, method: string): string {
  return isStandard ? method : `${className}.${method}`;
}
