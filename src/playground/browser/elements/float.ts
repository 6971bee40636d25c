/**
 * Shows `panel` (a manual popover, so it is never cut off by a scrolling modal) under `anchor`, or over it where there is
 * more room, and keeps it there while things scroll.
 */
export function floatBelow(anchor: HTMLElement, panel: HTMLElement): { show(): void; hide(): void } {
  const place = () => {
    const box = anchor.getBoundingClientRect();
    const below = window.innerHeight - box.bottom - 12;
    const above = box.top - 12;
    const up = below < 160 && above > below;
    panel.style.insetInlineStart = `${box.left}px`;
    panel.style.width = `${box.width}px`;
    panel.style.maxHeight = `${Math.min(340, up ? above : below)}px`;
    panel.style.top = up ? 'auto' : `${box.bottom + 4}px`;
    panel.style.bottom = up ? `${window.innerHeight - box.top + 4}px` : 'auto';
  };
  return {
    show() {
      if (!panel.matches(':popover-open')) {
        panel.showPopover();
        window.addEventListener('scroll', place, true);
        window.addEventListener('resize', place);
      }
      place();
    },
    hide() {
      window.removeEventListener('scroll', place, true);
      window.removeEventListener('resize', place);
      if (panel.isConnected && panel.matches(':popover-open')) panel.hidePopover();
    },
  };
}
