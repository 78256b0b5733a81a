import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef } from 'preact/hooks'
import { usePage } from '../state/context.ts'
import { Icon } from './icon.tsx'

/** A form that rises from the foot of the phone. The browser's own dialog keeps the focus and closes with Escape. */
export function Sheet({
  title,
  onClose,
  children,
}: {
  title: string
  onClose(): void
  children: ComponentChildren
}) {
  const id = useId()
  const { texts } = usePage()
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => dialog.current?.showModal(), [])
  return (
    <dialog ref={dialog} class="sheet" aria-labelledby={id} onClose={onClose}>
      <header class="sheet-head">
        <h2 id={id}>{title}</h2>
        <button type="button" class="button bare" aria-label={texts.common.close} onClick={onClose}>
          <Icon name="close" />
        </button>
      </header>
      {children}
    </dialog>
  )
}
