"""What the site's keys are for: signing, telling texts apart, and sealing patients' words."""
