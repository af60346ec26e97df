"""Word forms of the office: templates it may lay out anew in Word, and what fills them."""
