"""What reading sessions come to, by day."""

import analytics.models.fields
import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('analytics', '0008_saved_reports'),
    ]

    operations = [
        migrations.CreateModel(
            name='ReadingRollup',
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
                ('sessions', models.BigIntegerField(default=0)),
                ('helped', models.BigIntegerField(default=0)),
                ('selfserved', models.BigIntegerField(default=0)),
                ('came_back', models.BigIntegerField(default=0)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Reading',
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
                ('article', models.CharField(default='', max_length=60)),
                ('sessions', analytics.models.fields.Flag(default=0)),
                ('helped', analytics.models.fields.Flag(default=0, help_text='Somebody said that the article helped.')),
                ('selfserved', analytics.models.fields.Flag(default=0, help_text='… and did not complain within a day.')),
                ('came_back', analytics.models.fields.Flag(default=0, help_text='Complained within a day of what helped, or else of the last reading.')),
            ],
            options={
                'indexes': [models.Index(fields=['source', 'day', 'merchant'], name='analytics_reading_day')],
                'constraints': [models.CheckConstraint(condition=models.Q(('helped__lte', models.F('sessions'))), name='analytics_reading_helped_of_sessions'), models.CheckConstraint(condition=models.Q(('selfserved__lte', models.F('helped'))), name='analytics_reading_selfserved_of_helped'), models.CheckConstraint(condition=models.Q(('came_back__lte', models.F('sessions'))), name='analytics_reading_came_back_of_sessions')],
            },
        ),
    ]
