/** A query of a panel. */
export interface Target {
  readonly expr: string;
  readonly legend?: string;
  readonly format?: 'time_series' | 'heatmap';
}

/** The content of a panel, before it is placed. */
export interface Panel {
  readonly title: string;
  readonly description?: string;
  readonly type: 'timeseries' | 'stat' | 'heatmap' | 'state-timeline';
  readonly unit?: string;
  readonly targets: readonly Target[];
}

/** Panels under one heading. */
export interface PanelRow {
  readonly title: string;
  readonly panels: readonly Panel[];
}

const COLUMNS = 24;
/** The columns of one panel. */
const WIDTH = 8;
const HEIGHT = 8;
/** The data source selected at the top of the dashboard. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana fills it in.
export const DATASOURCE = { type: 'prometheus', uid: '${datasource}' };

/** Places rows of panels on the grid and numbers them, in Grafana's classic model. */
export function layOut(rows: readonly PanelRow[]): object[] {
  let [id, y] = [0, 0];
  return rows.flatMap(({ title, panels }) => {
    if (panels.length === 0) return [];
    id += 1;
    const head = { type: 'row', id, title, collapsed: false, gridPos: { x: 0, y, w: COLUMNS, h: 1 }, panels: [] };
    y += 1;
    let x = 0;
    const placed = panels.map((panel) => {
      if (x + WIDTH > COLUMNS) {
        x = 0;
        y += HEIGHT;
      }
      id += 1;
      const model = { ...modelOf(panel), id, gridPos: { x, y, w: WIDTH, h: HEIGHT } };
      x += WIDTH;
      return model;
    });
    y += HEIGHT;
    return [head, ...placed];
  });
}

function modelOf({ title, description, type, unit = 'short', targets }: Panel): object {
  const lines = type === 'timeseries';
  return {
    type,
    title,
    ...(description !== undefined && { description }),
    datasource: DATASOURCE,
    targets: targets.map(({ expr, legend, format = 'time_series' }, i) => ({
      refId: String.fromCharCode(65 + i),
      datasource: DATASOURCE,
      expr,
      format,
      exemplar: lines,
      ...(legend !== undefined && { legendFormat: legend }),
    })),
    fieldConfig: {
      defaults: {
        unit,
        ...(lines && { min: 0, custom: { drawStyle: 'line', lineWidth: 1, fillOpacity: 8, showPoints: 'never' } }),
      },
      overrides: [],
    },
    options: optionsOf(type, unit),
  };
}

function optionsOf(type: Panel['type'], unit: string): object {
  if (type === 'timeseries') {
    return { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi', sort: 'desc' } };
  }
  if (type === 'heatmap') return { calculate: false, yAxis: { unit }, color: { mode: 'scheme', scheme: 'Blues' } };
  if (type === 'stat') return { reduceOptions: { calcs: ['lastNotNull'] }, graphMode: 'area' };
  return { showValue: 'auto' };
}
