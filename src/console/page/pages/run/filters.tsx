import { STAGES } from '../../words.js'

export function StageFilter({ value, set, id }: { value: string; set: (stage: string) => void; id: string }) {
  return (
    <div class="field">
      <label for={id}>Stage</label>
      <select id={id} value={value} onChange={(event) => set(event.currentTarget.value)}>
        <option value="">all stages</option>
        {Object.entries(STAGES).map(([stage, word]) => (
          <option key={stage} value={stage}>
            {word}
          </option>
        ))}
      </select>
    </div>
  )
}
