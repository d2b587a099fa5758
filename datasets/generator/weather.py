"""weather/weather.csv: a year of temperature and irradiance, hour by hour.

The columns are those of the public series of Beijing (No, year, month, day, hour, ...),
CRLF, NA where the instrument failed. The sun follows its height over a place at 50 degrees
north; clouds come and go and shade it; the ground is warmed by what comes through and
gives the warmth back slowly; warm and cold air masses pass. So the irradiance of the last
hours says something about the temperature of the next.
"""

import datetime
import math

from generator.chance import Dice, csv_row

LATITUDE = math.radians(50)
HOURS = 365 * 24


def sun(hour):
    """The sine of the sun's height, 0 at night."""
    day, clock = hour / 24, hour % 24 + 0.5
    tilt = math.radians(-23.44) * math.cos(2 * math.pi * (day + 10) / 365)
    height = (math.sin(LATITUDE) * math.sin(tilt) + math.cos(LATITUDE) * math.cos(tilt)
              * math.cos(2 * math.pi * (clock - 12) / 24))
    return max(height, 0.0)


class Instrument:
    """Fails now and then, for one to eight hours."""

    def __init__(self, dice):
        self.dice, self.broken = dice, 0

    def show(self, text):
        if self.broken == 0 and self.dice.chance(0.004):
            self.broken = self.dice.between(1, 8)
        if self.broken == 0:
            return text
        self.broken -= 1
        return "NA"


def series(dice):
    """(temperature, irradiance) of every hour, after a fortnight to warm up."""
    air = cloud = ground = 0.0
    for hour in range(-14 * 24, HOURS):
        air = 0.992 * air + 0.33 * dice.normal()
        cloud = 0.93 * cloud + 0.37 * dice.normal()
        cover = 1 / (1 + math.exp(-2 * cloud))
        irradiance = 1050 * sun(hour) ** 1.15 * (1 - 0.78 * cover)
        ground = 0.88 * ground + 0.0042 * irradiance - 0.25 * (1 - cover)
        season = 6 - 8 * math.cos(2 * math.pi * (hour / 24 - 25) / 365)
        if hour >= 0:
            yield season + air + ground + 0.12 * dice.normal(), irradiance


def write(folder, seed):
    dice = Dice(seed)
    thermometer, pyranometer = Instrument(dice), Instrument(dice)
    start = datetime.datetime(2013, 1, 1)
    rows = [csv_row(["No", "year", "month", "day", "hour", "TEMP", "IRRADIANCE"], "\r\n")]
    for hour, (temperature, irradiance) in enumerate(series(dice)):
        at = start + datetime.timedelta(hours=hour)
        rows.append(csv_row([str(hour + 1), str(at.year), str(at.month), str(at.day),
                             str(at.hour), thermometer.show(f"{round(temperature, 1) + 0.0:.1f}"),
                             pyranometer.show(f"{irradiance:.0f}")], "\r\n"))
    (folder / "weather.csv").write_bytes("".join(rows).encode("ascii"))
