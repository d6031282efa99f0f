import { ConfigError, show, ValueError } from '../model/errors.js';
import type {
  CurriedLabels,
  LabelName,
  LabelSpec,
  Labels,
  NoLabels,
  RecordingArguments,
  WithoutLabels,
} from '../model/labels.js';
import { isWellFormed } from '../model/names.js';
import type { OptionNames } from '../model/options.js';
import { type Child, type Curried, Family } from './family.js';
import { ScalarLayout } from './layout/rows.js';
import { COMMON_OPTIONS, checkNameOf, type MetricConfig } from './metric-config.js';
import { INSPECT } from './recording.js';

/** Options of a StateSet. */
export interface StateSetConfig<L extends LabelSpec, S extends string>
  extends Omit<MetricConfig<L, StateSet<L, S>>, 'unit' | 'enableExemplars'> {
  /** All states. The first one is the initial one. */
  readonly states: readonly S[];
}

const OPTIONS: OptionNames<StateSetConfig<LabelSpec, string>> = { ...COMMON_OPTIONS, states: true };

/**
 * Which one of several states something is in: a line for each, 1 for the current one and 0 for the others. The Python
 * client calls this Enum. Formats without the type show a gauge.
 *
 * @example
 * const task = new StateSet({ name: 'task_state', help: 'State of the task', states: ['starting', 'running'] });
 * task.state('running');
 */
export class StateSet<L extends LabelSpec = NoLabels, const S extends string = string> extends Family<
  L,
  StateSetChild<S>
> {
  /** Every state, in the order of the lines. */
  readonly states: readonly S[];

  constructor(config: StateSetConfig<L, S>) {
    const states = checkStates<S>(config?.states, checkNameOf(config));
    super(config, {
      type: 'stateset',
      options: OPTIONS,
      width: states.length,
      // OpenMetrics 1.0, section StateSet: the label that holds the state has the name of the family.
      shape: states.map((state) => ({ suffix: '', label: [config.name, state] })),
      layout: { kind: 'cells', initial: 1 },
      rowLayout: () => new ScalarLayout(states.length, 1),
      reserved: [config.name],
    });
    this.states = states;
    this.register();
  }

  /** Sets the current state. Throws ValueError for one that is not in the list. */
  state(...state: RecordingArguments<L, [labels: Labels<L>, state: S], [state: S]>): void;
  state(first: S | object, state?: S): void {
    if (typeof first === 'object' && first !== null) this.child(first).state(state as S);
    else (this.unlabeled ?? this.unlabeledChild()).state(first as S);
  }

  /**
   * Returns this metric with some labels already set: recording takes only the others, and saves a look-up for each one
   * that is set. Both share their series; one that was removed is added again by the next recording. Throws LabelError
   * for an unknown label.
   *
   * @example const mails = workers.curry({ queue: 'mails' }); mails.state({ shard: '1' }, 'running');
   */
  curry<K extends LabelName<L>>(labels: CurriedLabels<L, K>): Curried<StateSet<WithoutLabels<L, K>, S>> {
    return this.curried(labels) as Curried<StateSet<WithoutLabels<L, K>, S>>;
  }

  /** @internal */
  override makeChild(row: number): StateSetChild<S> {
    const { cells, index } = this.rows.at(row);
    return new StateSetChild(this.name, this.states, row, cells, index);
  }
}

/** One series of a StateSet. */
export class StateSetChild<S extends string> implements Child {
  /** @internal */
  pinned = false;

  constructor(
    private readonly family: string,
    private readonly states: readonly S[],
    /** @internal */
    public row: number,
    /** @internal */
    public cells: Float64Array,
    /** @internal */
    public index: number,
  ) {}

  /** @internal */
  [INSPECT](): string {
    const current = this.states.find((_, i) => this.cells[this.index + i] === 1);
    return `series of stateset "${this.family}"${this.row < 0 ? ', removed' : ` in state ${show(current)}`}`;
  }

  /** Sets the current state. Throws ValueError for one that is not in the list. */
  state(state: S): void {
    const current = this.states.indexOf(state);
    if (current < 0) {
      throw new ValueError(
        `StateSet "${this.family}": state must be one of ${this.states.join(', ')}, got ${show(state)}.`,
      );
    }
    for (let i = 0; i < this.states.length; i++) this.cells[this.index + i] = i === current ? 1 : 0;
  }
}

function checkStates<S extends string>(states: unknown, family: string): readonly S[] {
  if (!Array.isArray(states) || states.length === 0) {
    throw new ConfigError(
      `StateSet "${family}": states must be a list such as ['starting', 'running'], got ${show(states)}.`,
    );
  }
  for (const [i, state] of states.entries()) {
    if (typeof state !== 'string' || state === '') {
      throw new ConfigError(`StateSet "${family}": a state must be a non-empty string, got ${show(state)}.`);
    }
    if (!isWellFormed(state)) {
      throw new ConfigError(
        `StateSet "${family}": the state ${show(state)} contains a lone surrogate, which has no UTF-8 form.`,
      );
    }
    if (states.indexOf(state) !== i) throw new ConfigError(`StateSet "${family}" has the state ${show(state)} twice.`);
  }
  return [...states] as S[];
}
