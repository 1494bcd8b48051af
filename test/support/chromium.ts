import { type Browser, chromium } from 'playwright-core'
import { findProgram } from './programs.ts'

/** Starts a headless browser that contacts only the pages it is sent to. */
export async function launchChromium(): Promise<Browser> {
  return await chromium.launch({ executablePath: await findProgram('chromium'), args: FLAGS })
}

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // Parts of the window that are pages themselves: nobody looks at them, and each window would run them in one more process.
  '--disable-features=WebUIOmniboxPopup,WebUIReloadButton,WebUIToolbar',
]
