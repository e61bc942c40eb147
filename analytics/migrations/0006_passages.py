"""What came in and what went out, so that what lay there on any day is a difference of sums."""

import analytics.models.fields
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.contrib.postgres.indexes
from django.db import migrations, models


def read_again(apps, schema_editor):
    """Let the fill read everything once more: it writes differences only, so that costs the new table and nothing else."""
    apps.get_model("analytics", "AnalyticsCursor").objects.update(pos=0)


class Migration(migrations.Migration):

    dependencies = [
        ('analytics', '0005_goals_and_remarks'),
    ]

    operations = [
        migrations.CreateModel(
            name='PassageRollup',
            fields=[
                ('pk', models.CompositePrimaryKey('source', 'grain', 'level', 'idx', 'merchant', 'key', blank=True, editable=False, primary_key=True, serialize=False)),
                ('source', models.PositiveIntegerField(default=0)),
                ('grain', models.PositiveSmallIntegerField()),
                ('level', models.PositiveSmallIntegerField()),
                ('idx', models.IntegerField()),
                ('merchant', models.BigIntegerField()),
                ('key', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), size=None)),
                ('facts', models.PositiveIntegerField(default=0)),
                ('buckets', django.contrib.postgres.fields.ArrayField(base_field=models.SmallIntegerField(), default=list, size=None)),
                ('counts', django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), default=list, size=None)),
                ('came', models.BigIntegerField(default=0)),
                ('again', models.BigIntegerField(default=0)),
                ('opened', models.BigIntegerField(default=0)),
                ('ended', models.BigIntegerField(default=0)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Passage',
            fields=[
                ('pk', models.CompositePrimaryKey('source', 'root_id', 'ordinal', blank=True, editable=False, primary_key=True, serialize=False)),
                ('source', models.PositiveIntegerField(default=0)),
                ('root_id', models.BigIntegerField()),
                ('ordinal', models.PositiveIntegerField(default=0)),
                ('day', models.DateField(null=True)),
                ('at', models.DateTimeField(null=True)),
                ('merchant', models.BigIntegerField(default=0)),
                ('channel', models.CharField(default='', max_length=20)),
                ('category', models.CharField(default='', max_length=60)),
                ('reason', models.CharField(default='', max_length=60)),
                ('team', models.BigIntegerField(default=0)),
                ('agent', models.BigIntegerField(default=0)),
                ('tier', models.CharField(default='', max_length=20)),
                ('priority', models.PositiveSmallIntegerField(default=1)),
                ('carrier', models.CharField(default='', max_length=40)),
                ('warehouse', models.BigIntegerField(default=0)),
                ('sku', models.CharField(default='', max_length=80)),
                ('province', models.CharField(default='', max_length=40)),
                ('language', models.CharField(default='', max_length=10)),
                ('excluded', models.CharField(default='', max_length=20)),
                ('began_at', models.DateTimeField(help_text='Earliest contact of the complaint: its age begins there.')),
                ('ended_on', models.DateField(help_text='Null while it is open.', null=True)),
                ('came', analytics.models.fields.Flag(default=0, help_text='The first round of its complaint opened.')),
                ('again', analytics.models.fields.Flag(default=0, help_text='A later round opened.')),
                ('opened', analytics.models.fields.Flag(default=0)),
                ('ended', analytics.models.fields.Flag(default=0)),
            ],
            options={
                'indexes': [models.Index(fields=['source', 'day', 'merchant'], name='analytics_passage_day'), django.contrib.postgres.indexes.GistIndex(models.Func(models.F('day'), models.F('ended_on'), function='daterange', output_field=django.contrib.postgres.fields.ranges.DateRangeField()), condition=models.Q(('opened', 1)), name='analytics_passage_stay')],
                'constraints': [models.CheckConstraint(condition=models.Q(('came__lte', models.F('opened'))), name='analytics_passage_came_of_opened')],
            },
        ),
        migrations.RunPython(read_again, migrations.RunPython.noop),
    ]
