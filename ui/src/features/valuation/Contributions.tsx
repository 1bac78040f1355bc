import type { Valuation } from "@/api/types";
import { formatAmount } from "@/kit/money";
import { Panel } from "@/kit/Panel";
import { Share } from "@/kit/Share";
import { countryName } from "@/kit/words";
import classes from "./valuation.module.css";

interface WorksProps {
  value: Valuation;
  onTrace: (figure: string) => void;
}

export function Works({ value, onTrace }: WorksProps) {
  return (
    <Panel title={`Works (${value.works.length})`} aside={value.ltm.currency} flush>
      <div className={classes.scroll} tabIndex={0} role="region" aria-label="Works">
        <table className={classes.table}>
          <thead>
            <tr>
              <th scope="col">Work</th>
              <th scope="col">Share</th>
              <th scope="col" className={classes.right}>
                Twelve months
              </th>
              <th scope="col" className={classes.right}>
                Value
              </th>
            </tr>
          </thead>
          <tbody>
            {value.works.map((work) => (
              <tr key={`${work.title}-${work.isrc}`}>
                <td>
                  <button
                    type="button"
                    className={classes.trace}
                    onClick={() => onTrace(`work:${work.title}`)}
                  >
                    {work.title || "Without a title"}
                  </button>
                  {work.isrc && <div className="mono muted">{work.isrc}</div>}
                </td>
                <td>
                  <Share bp={work.share_bp} label={`Share of ${work.title}`} />
                </td>
                <td className={`${classes.right} num`}>{formatAmount(work.ltm, 2)}</td>
                <td className={`${classes.right} num`}>{formatAmount(work.value, 2)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}

interface BarsProps {
  title: string;
  items: { name: string; share_bp: number }[];
}

function Bars({ title, items }: BarsProps) {
  return (
    <Panel title={title}>
      <ul className={classes.bars}>
        {items.map((item) => (
          <li key={item.name}>
            <span>{item.name}</span>
            <Share bp={item.share_bp} label={item.name} />
          </li>
        ))}
      </ul>
    </Panel>
  );
}

export const Stores = ({ value }: { value: Valuation }) =>
  value.stores.length > 0 && <Bars title="Stores, twelve months" items={value.stores} />;

export const Countries = ({ value }: { value: Valuation }) =>
  value.countries.length > 0 && (
    <Bars
      title="Countries, twelve months"
      items={value.countries.map((each) => ({ ...each, name: countryName(each.code) }))}
    />
  );
